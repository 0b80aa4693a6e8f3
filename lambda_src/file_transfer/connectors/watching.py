"""Looks after what no event came about, and begins the listings that are due.

It changes nothing that an event would change: what it finds out it says in the connector's own words into the queue
of the events, so that ends are worked out in one place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from file_transfer.connectors.definitions import PullDefinitions
from file_transfer.connectors.events import INBOX, LISTING, RETRIEVE, SEND, own_event
from file_transfer.connectors.pull_table import PullTable
from file_transfer.connectors.puller import listing_prefix
from file_transfer.connectors.pulls import PULL_KIND, PullRule
from file_transfer.connectors.sends import LINE_KIND, STARTED, WAITING
from file_transfer.connectors.settings import ConnectorSettings
from file_transfer.connectors.table import ConnectorTable
from file_transfer.copying.task import Heads
from file_transfer.observe import count, logger
from shared.aws_errors import classify
from shared.canonical import canonical_json
from shared.clock import Clock, parse, stamp
from shared.errors import NotFound

#: More than AWS's default of 1,000 names; what is beyond comes once these are gone.
MAX_ITEMS = 10_000
LOOKS = 500
LATE = timedelta(seconds=60)
#: A tick of the schedule may come a little early.
EARLY = timedelta(seconds=5)
TIMED_OUT = "TIMEOUT_ERROR"
#: What a connector said about its transfers within one tick.
Answers = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Watcher:
    """`transfer` for listings must never retry by itself; asking may."""

    settings: ConnectorSettings
    table: ConnectorTable
    pulls: PullTable
    definitions: PullDefinitions
    objects: Heads
    s3: Any
    transfer: Any
    sqs: Any
    clock: Clock

    def look_after(self) -> int:
        """Asks about everything that is overdue; returns how many were found to have ended."""
        now = self.clock()
        found = 0
        for alias in self.settings.connectors:
            answers: Answers = {}
            for item in self.table.line(alias, STARTED, now, LOOKS):
                try:
                    found += self._look(alias, item, answers)
                except (ClientError, BotoCoreError) as error:
                    # It is looked at again with the next tick; the others have to be looked at with this one.
                    logger.warning("connector not asked", connector=alias, error=str(classify(error, "look")))
                    count("ConnectorLooksFailed")
            if self.table.line(alias, WAITING, now - LATE, limit=1):
                body = canonical_json({"kind": LINE_KIND, "connector": alias})
                self.sqs.send_message(QueueUrl=self.settings.connector_queue_url, MessageBody=body)
        return found

    def begin_listings(self, only: str = "") -> int:
        """Begins the listings that are due, or that of one workflow at once; returns how many were begun."""
        if only:
            rule = self.definitions.rule(only)
            return int(self._list(rule)) if rule else 0
        return sum(self._list(rule) for rule in self.definitions.rules() if self._is_due(rule))

    def _look(self, alias: str, item: Mapping[str, Any], answers: Answers) -> bool:
        """One send or fetch: what the connector knows, or that nobody will ever know."""
        kind = RETRIEVE if item["kind"] == PULL_KIND else SEND
        key = {"PK": item["PK"], "SK": item["SK"]}
        path = item["path"] if kind == RETRIEVE else f"/{self.settings.exchange_bucket}/{item['outbox']}"
        transfer_id = item.get("transferId", "")
        state, code, message = self._ask(alias, transfer_id, path, answers) if transfer_id else ("UNCONFIRMED", "", "")
        if state in ("QUEUED", "IN_PROGRESS") and not self._is_over_time(item):
            due = stamp(self.clock() + timedelta(seconds=self.settings.look_seconds))
            self.table.look_again(key, item["dueAt"], due)
            return False
        if state == "UNCONFIRMED" and kind == RETRIEVE and self.objects.head(*self._inbox(item)):
            state = "COMPLETED"
        completed = state == "COMPLETED"
        if not completed and state != "FAILED":
            code, message = TIMED_OUT, "the connector did not say in time what became of it"
            self._void(kind, item)
        self._say(kind, completed, alias, item, path, code, message)
        due = stamp(self.clock() + timedelta(seconds=self.settings.look_seconds))
        self.table.look_again(key, item["dueAt"], due)
        count("ConnectorEventsMissed")
        return True

    def _ask(self, alias: str, transfer_id: str, path: str, answers: Answers) -> tuple[str, str, str]:
        """(status, failure code, failure message) of one file of a connector's transfer, which is asked about once."""
        if transfer_id not in answers:
            answers[transfer_id] = self._results(alias, transfer_id)
        # Which of both sides' paths is given here AWS leaves open; names in a transfer differ anyway.
        name = path.rsplit("/", 1)[-1]
        for each in answers[transfer_id]:
            if each["FilePath"] == path or each["FilePath"].rsplit("/", 1)[-1] == name:
                return each["StatusCode"], each.get("FailureCode", ""), each.get("FailureMessage", "")
        return "UNKNOWN", "", ""

    def _results(self, alias: str, transfer_id: str) -> list[dict[str, Any]]:
        """What the connector knows of a transfer; nothing once it has forgotten it."""
        try:
            answer = self.transfer.list_file_transfer_results(
                ConnectorId=self.settings.connectors[alias], TransferId=transfer_id
            )
        except (ClientError, BotoCoreError) as error:
            if isinstance(classify(error, "ask"), NotFound):
                return []
            raise
        return list(answer["FileTransferResults"])

    def _is_over_time(self, item: Mapping[str, Any]) -> bool:
        begun = parse(item["startedAt"])
        return self.clock() - begun >= timedelta(seconds=self.settings.timeout_seconds)

    def _void(self, kind: str, item: Mapping[str, Any]) -> None:
        """What may still stand in the connector's queue finds nothing to send when its turn comes."""
        if kind == SEND:
            self.s3.delete_object(Bucket=self.settings.exchange_bucket, Key=item["outbox"])

    def _say(  # noqa: PLR0913  (an event has these parts)
        self, kind: str, completed: bool, alias: str, item: Mapping[str, Any], path: str, code: str, message: str
    ) -> None:
        detail: dict[str, Any] = {
            "connector-id": self.settings.connectors[alias],
            "transfer-id": item.get("transferId", ""),
            "file-path": path,
        }
        if kind == RETRIEVE:
            bucket, key = self._inbox(item)
            detail["local-file-location"] = {"domain": "S3", "bucket": bucket, "key": key}
        if not completed:
            detail |= {"failure-code": code, "failure-message": message}
        self._tell(own_event(kind, completed, detail))

    def _inbox(self, item: Mapping[str, Any]) -> tuple[str, str]:
        name = item["path"].rsplit("/", 1)[-1]
        return self.settings.exchange_bucket, f"{INBOX}{item['workflowId']}/{item['batch']}/{name}"

    def _is_due(self, rule: PullRule) -> bool:
        started = self.pulls.listings(rule.workflow_id).get("startedAt")
        return not started or self.clock() - parse(started) >= rule.interval - EARLY

    def _list(self, rule: PullRule) -> bool:
        """Begins a listing. It changes nothing at the other side, so an unclear start is made up for by the next."""
        if rule.connector not in self.settings.connectors:
            logger.error("no such connector", workflow_id=rule.workflow_id, connector=rule.connector)
            count("PullsInvalid")
            return False
        before, now = self.pulls.listings(rule.workflow_id), self.clock()
        self._make_up_for(rule, before)
        prefix = listing_prefix(rule.workflow_id, now)
        if not self.pulls.begin_listing(rule.workflow_id, before, now, prefix):
            return False
        try:
            answer = self.transfer.start_directory_listing(
                ConnectorId=self.settings.connectors[rule.connector],
                RemoteDirectoryPath=rule.directory,
                MaxItems=MAX_ITEMS,
                OutputDirectoryPath=f"/{self.settings.exchange_bucket}/{prefix}",
            )
        except (ClientError, BotoCoreError) as error:
            logger.warning("listing not begun", workflow_id=rule.workflow_id, error=str(classify(error, "list")))
            count("ListingsFailed")
            return False
        self.pulls.name_listing(rule.workflow_id, now, f"{prefix}/{answer['OutputFileName']}")
        return True

    def _make_up_for(self, rule: PullRule, before: Mapping[str, Any]) -> None:
        """The event of the listing before did not come: its output may be there all the same."""
        if before.get("outputKey") and before["startedAt"] > before.get("heardAt", ""):
            location = {"domain": "S3", "bucket": self.settings.exchange_bucket, "key": before["outputKey"]}
            connector = self.settings.connectors[rule.connector]
            self._tell(own_event(LISTING, True, {"connector-id": connector, "output-file-location": location}))

    def _tell(self, message: Mapping[str, Any]) -> None:
        self.sqs.send_message(QueueUrl=self.settings.events_queue_url, MessageBody=canonical_json(message))
