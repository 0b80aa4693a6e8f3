"""Carrying out orders: who is told, one record each, tried until it is SENT or FAILED."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from file_transfer.notifications import notification as wording
from file_transfer.notifications.channels import SNS, TOPIC, Channel, read_channels
from file_transfer.notifications.delivery_log import Claim, DeliveryLog, Ending, new_record
from file_transfer.notifications.digests import DigestStore
from file_transfer.notifications.notification import AGAIN, FAILED
from file_transfer.notifications.orders import Order, announcement, read_order
from file_transfer.notifications.sending import Sender, backoff_seconds
from file_transfer.notifications.settings import NotificationSettings
from file_transfer.observe import count, logger
from file_transfer.records.identity import file_partition, id_of
from file_transfer.workflows.sections import expanded
from shared.clock import Clock
from shared.dynamodb import from_item, to_item
from shared.errors import ValidationFailed
from shared.schemas import problems

SECTION = "notifications"
SCHEMA = "workflow-notifications"
METRICS = {"SENT": "NotificationsSent", "FAILED": "NotificationsFailed", "RETRYING": "NotificationRetries"}

Notification = Mapping[str, Any]


@dataclass(frozen=True)
class Deliverer:
    """`sqs` sends orders for single channels where there are several."""

    settings: NotificationSettings
    dynamodb: Any
    sqs: Any
    sender: Sender
    log: DeliveryLog
    digests: DigestStore
    clock: Clock
    chance: Random = field(default_factory=Random)

    def carry_out(self, body: str) -> float:
        """Seconds after which the message has to come again; 0 when it is done with.

        Raises ValidationFailed for an order that nobody can carry out, and what botocore raises.
        """
        order = read_order(body)
        if order.resend:
            return self._resend(order)
        channels = self._channels(order.notification["workflowId"])
        if order.channel:
            return self._deliver(order, channels.get(order.channel))
        wanted = [each for each in channels.values() if each.id != TOPIC and each.wants(order.notification)]
        for channel in wanted:
            if channel.digest:
                self.digests.gather(order.notification, channel, self.clock())
        direct = [each for each in wanted if not each.digest]
        if len(direct) == 1:
            return self._deliver(order, direct[0])
        for channel in direct:
            text = announcement(order.notification, channel.id, order.expires_at)
            self.sqs.send_message(QueueUrl=self.settings.queue_url, MessageBody=text)
        return 0

    def _channels(self, workflow_id: str) -> dict[str, Channel]:
        """Channels of a workflow by id, and the topic. Raises ValidationFailed when the definition is malformed."""
        key = to_item({"PK": f"WORKFLOW#{workflow_id}"})
        answer = self.dynamodb.get_item(TableName=self.settings.workflow_table, Key=key)
        definition, unreadable = expanded(from_item(answer.get("Item", {})))
        section = definition.get(SECTION) or {}
        found = [each for each in unreadable if each.path == f"$.{SECTION}"] or (
            problems(SCHEMA, section) if section else []
        )
        if found:
            raise ValidationFailed(f"section notifications of workflow {workflow_id}: {found[0]}")
        channels = {each.id: each for each in read_channels(section)}
        return channels | ({TOPIC: Channel(TOPIC, SNS, self.settings.topic_arn)} if self.settings.topic_arn else {})

    def _deliver(self, order: Order, channel: Channel | None) -> float:
        if channel is None or not channel.enabled:
            logger.warning("the channel is gone", workflow=order.notification["workflowId"], channel=order.channel)
            return 0
        # The query of a URL may be a password: it stays in the definition.
        target = (channel.address or channel.secret_arn).partition("?")[0]
        shown = {"id": channel.id, "type": channel.type, "target": target}
        record = new_record(order.notification, shown, order.expires_at)
        claim = self.log.claim(record, self.clock())
        return self._try(claim, channel, order.notification)

    def _resend(self, order: Order) -> float:
        found = self.log.get(order.pk, order.sk)
        if found is None:
            raise ValidationFailed(f"there is no notification {order.sk} of {order.pk}")
        claim = self.log.claim_again(found, order.resend, order.by, self.clock())
        if claim.item is None:
            return claim.wait_seconds
        notification = self._notification_of(found)
        channel = self._channels(found["workflowId"]).get(found["SK"].rsplit("#", 1)[-1])
        if notification is None:
            return self._end(claim.item, Ending(FAILED, "the transfer has gone on since: there is nothing to repeat"))
        if channel is None or not channel.enabled:
            return self._end(claim.item, Ending(FAILED, "the workflow has no such channel any more"))
        return self._try(claim, channel, notification)

    def _notification_of(self, record: Mapping[str, Any]) -> Notification | None:
        """What a record announced. Those of the topic do not hold it: there it is what the status item still says."""
        if "payload" in record:
            payload: Notification = json.loads(record["payload"])
            return payload
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=self.settings.status_table,
            KeyConditionExpression="PK = :pk",
            ExpressionAttributeValues={":pk": {"S": file_partition(record["customerId"], record["fileName"])}},
        )
        # Two versions may settle in one moment: the record's key has the transfer's id before the channel.
        transfer = record["SK"].rsplit("#", 2)[1]
        for page in pages:
            for typed in page["Items"]:
                item = from_item(typed)
                if item["timestamp"] == record["timestamp"] and id_of(item["SK"]) == transfer:
                    return wording.payload(item)
        return None

    def _try(self, claim: Claim, channel: Channel, notification: Notification) -> float:
        if claim.item is None:
            return claim.wait_seconds
        tries = claim.item["attempt"] - claim.item.get("tried", 0)
        if tries > self.settings.max_attempts:
            return self._end(claim.item, Ending(FAILED, "no try came to an end: the function's log says why"))
        ending = self.sender.send(channel, notification, self.clock())
        if ending.status == AGAIN and tries >= self.settings.max_attempts:
            ending = Ending(FAILED, f"given up after {tries} tries: {ending.response}")
        elif ending.status == AGAIN:
            wait = backoff_seconds(tries, ending.wait_seconds, self.settings, self.chance)
            ending = Ending(AGAIN, ending.response, wait_seconds=wait)
        return self._end(claim.item, ending)

    def _end(self, item: dict[str, Any], ending: Ending) -> float:
        self.log.end(item, ending, self.clock())
        count(METRICS[ending.status])
        logger.info(
            "notification tried",
            status=ending.status,
            channel=item["SK"].rsplit("#", 1)[-1],
            workflow=item["workflowId"],
            notification=item.get("notificationId"),
            transferId=item["SK"].split("#")[-2],
            customerId=item["customerId"],
            said=ending.response,
        )
        return ending.wait_seconds if ending.status == AGAIN else 0
