"""Sends a notification and keeps the log of it: look, send, note. A failing topic never fails a delivered file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from file_transfer.notifications import notification, orders
from file_transfer.notifications.notification import AGAIN, FAILED, SENT
from file_transfer.settings import Settings
from shared.dynamodb import from_item, to_item

DONE = frozenset({SENT, FAILED})


@dataclass(frozen=True)
class Notifier:
    """Delivery is at least once: a crash between sending and noting sends again, with the same notificationId."""

    settings: Settings
    dynamodb: Any
    sns: Any
    sqs: Any = None

    def notify(self, new: Mapping[str, Any]) -> str:
        """The log's status after this call: SENT, FAILED, RETRYING (call again later), or "" if nobody wants it.

        Raises what botocore raises when channels of the workflow are to be told and the order cannot be written.
        """
        if self.settings.notification_queue_url and orders.is_ordered(new):
            self.sqs.send_message(QueueUrl=self.settings.notification_queue_url, MessageBody=orders.transfer_order(new))
        if not self.settings.notification_topic_arn or not notification.is_wanted(new):
            return ""
        logged = self._logged(new)
        if logged.get("status") in DONE:
            return str(logged["status"])
        retries = int(logged["retryCount"]) + 1 if logged else 0
        status, response, message_id = self._publish(new)
        if status == AGAIN and retries + 1 >= self.settings.notification_max_attempts:
            status = FAILED
        topic = self.settings.notification_topic_arn
        item = notification.log_item(new, topic, status, retries, response, message_id)
        self.dynamodb.put_item(TableName=self.settings.notification_table, Item=to_item(item))
        return status

    def _logged(self, new: Mapping[str, Any]) -> dict[str, Any]:
        answer = self.dynamodb.get_item(
            TableName=self.settings.notification_table, Key=to_item(notification.log_key(new)), ConsistentRead=True
        )
        return from_item(answer.get("Item", {}))

    def _publish(self, new: Mapping[str, Any]) -> tuple[str, str, str]:
        arguments = notification.publish_arguments(new, self.settings.notification_topic_arn)
        try:
            answer = self.sns.publish(**arguments)
        except (ClientError, BotoCoreError) as error:
            return AGAIN, str(error), ""
        return SENT, "Message published to SNS", answer["MessageId"]
