"""One round over all expectations: windows are opened, judged and announced. Any round may die and be made again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from file_transfer.expectations.arrivals import Arrivals
from file_transfer.expectations.judging import UNDECIDED, Matches, incident_payload, judge
from file_transfer.expectations.store import INCIDENTS, ExpectationStore
from file_transfer.expectations.windows import Expectation, new_item, read_expectations
from file_transfer.notifications.channels import TOPIC
from file_transfer.notifications.orders import announcement
from file_transfer.notifications.settings import NotificationSettings
from file_transfer.observe import count, logger
from file_transfer.workflows.sections import expanded
from shared.clock import parse, stamp
from shared.dynamodb import from_item, to_item
from shared.errors import TowpathError, Transient
from shared.schemas import problems

SECTION, SCHEMA = "expectations", "workflow-expectations"
KIND_INDEX, KIND = "KindIndex", "WORKFLOW"
CURSOR = {"PK": "EXPECTATION#CURSOR", "SK": "ROUND"}
#: After a longer break nobody is told of each window that passed.
LONGEST_BREAK = timedelta(days=2)
#: How far back announcements are looked for that a round did not come to.
ANNOUNCED_WITHIN = timedelta(days=8)
Item = dict[str, Any]
METRICS = {status: f"Expectations{status.title().replace('_', '')}" for status in INCIDENTS}


@dataclass(frozen=True)
class Checker:
    """`sqs` takes the orders of announcements; `matches` tells whether a name fits a pattern."""

    settings: NotificationSettings
    dynamodb: Any
    sqs: Any
    store: ExpectationStore
    arrivals: Arrivals
    matches: Matches

    def round(self, now: datetime) -> dict[str, int]:
        """Numbers of windows `opened`, `changed` and `announced`.

        Raises Transient when some window could not be judged or announced, after all others were, and what botocore
        raises.
        """
        opened = self._open(now)
        failed: list[str] = []
        undecided = [item for status in UNDECIDED for item in self.store.with_status(status)]
        changed = self._each(lambda item: self._judge(item, now), undecided, failed)
        since = stamp(now - ANNOUNCED_WITHIN)
        incidents = [item for status in sorted(INCIDENTS) for item in self.store.with_status(status, since)]
        announced = self._each(self._announce, [item for item in incidents if "announce" in item], failed)
        if failed:
            raise Transient(f"{len(failed)} windows are left for the next round, the first is {failed[0]}")
        return {"opened": opened, "changed": changed, "announced": announced}

    @staticmethod
    def _each(do: Callable[[Item], bool], items: Iterable[Item], failed: list[str]) -> int:
        """How many it was done for. One window that cannot be dealt with keeps nobody else's from it."""
        done = 0
        for item in items:
            try:
                done += do(item)
            except Exception:
                logger.exception("window left for the next round", key=item["PK"], window=item["SK"])
                failed.append(f"{item['SK']} of {item['PK']}")
        return done

    def _open(self, now: datetime) -> int:
        """Windows that began since the round before. What begins before an expectation is known to a round is not."""
        table = self.settings.control_table
        answer = self.dynamodb.get_item(TableName=table, Key=to_item(CURSOR), ConsistentRead=True)
        before = from_item(answer["Item"])["until"] if "Item" in answer else stamp(now)
        since = max(parse(before), now - LONGEST_BREAK)
        opened = 0
        for expectation in self._expectations():
            try:
                self.matches(expectation.name_pattern, "")
                windows = list(expectation.windows_between(since, now))
            except (TowpathError, ValueError) as error:
                logger.error("expectation left out", workflow=expectation.workflow_id, reason=str(error))
                continue
            for window in windows:
                opened += self.store.open(new_item(expectation, window, now, self.settings.retention_days))
        self.dynamodb.put_item(TableName=table, Item=to_item({**CURSOR, "until": stamp(now)}))
        return opened

    def _expectations(self) -> Iterator[Expectation]:
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=self.settings.workflow_table,
            IndexName=KIND_INDEX,
            KeyConditionExpression="#kind = :kind",
            ExpressionAttributeNames={"#kind": "kind"},
            ExpressionAttributeValues={":kind": {"S": KIND}},
        )
        for page in pages:
            for typed in page["Items"]:
                item = from_item(typed)
                if SECTION in item and item.get("enabled", True):
                    yield from self._of_definition(item)

    def _of_definition(self, item: Mapping[str, Any]) -> tuple[Expectation, ...]:
        definition, unreadable = expanded(item)
        section = definition[SECTION]
        found = [each for each in unreadable if each.path == f"$.{SECTION}"] or problems(SCHEMA, section)
        if found:
            logger.error("expectations left out", workflow=item["workflowId"], reason=str(found[0]))
            return ()
        return read_expectations(item["workflowId"], item.get("customerId", ""), section)

    def _judge(self, item: Item, now: datetime) -> bool:
        files = self.arrivals.since(item["workflowId"], parse(item["startAt"]), item["criteria"]["counts"])
        judged = judge(item, files, now, timedelta(seconds=self.settings.grace_seconds), self.matches)
        # Whoever changed it meanwhile acknowledged it; the next round sees both.
        changed = judged != item and self.store.replace(judged, item["revision"])
        if changed and judged["status"] != item["status"]:
            logger.info("window changed", key=item["PK"], window=item["SK"], status=judged["status"])
            if judged["status"] in METRICS:
                count(METRICS[judged["status"]])
        return changed

    def _announce(self, item: Item) -> bool:
        """Orders first, then it is noted: an announcement that is ordered twice is made once, by its record's key."""
        payload = incident_payload(item)
        for channel in ("", *([TOPIC] if self.settings.topic_arn else [])):
            body = announcement(payload, channel, item.get("expiresAt"))
            self.sqs.send_message(QueueUrl=self.settings.queue_url, MessageBody=body)
        said = {name: value for name, value in item.items() if name != "announce"}
        said |= {"announcedAt": item["timestamp"], "revision": item["revision"] + 1}
        return self.store.replace(said, item["revision"])
