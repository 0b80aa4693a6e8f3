"""What follows from an event of a connector: a send or a fetch ends, a listing is worked through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from file_transfer.connectors import outcomes, pulls, sends
from file_transfer.connectors.definitions import PullDefinitions
from file_transfer.connectors.events import DELETE, LISTING, MOVE, RETRIEVE, SEND, ConnectorEvent, read_event
from file_transfer.connectors.puller import Puller
from file_transfer.connectors.sends import DONE, FAILED, LINE_KIND, SUCCEEDED, WAITING, Send
from file_transfer.connectors.settings import ConnectorSettings
from file_transfer.connectors.table import ConnectorTable
from file_transfer.errors import Transient
from file_transfer.observe import count, logger
from shared.aws_errors import classify, error_code
from shared.canonical import canonical_json
from shared.clock import Clock


@dataclass(frozen=True)
class Hearer:
    """Each event may come twice, late, or not at all: what it says is compared with what is remembered."""

    settings: ConnectorSettings
    table: ConnectorTable
    puller: Puller
    definitions: PullDefinitions
    sqs: Any
    clock: Clock

    def hear(self, message: Mapping[str, Any]) -> str:
        """What became of the message: `ended`, `known` (heard before, or nothing of ours), `listed`, `noted`.

        Raises the taxonomy's errors; the same message may come again after any of them.
        """
        event = read_event(message)
        if event is None or not self.settings.alias_of(event.connector_id):
            return "known"
        ways: dict[str, Callable[[ConnectorEvent], str]] = {
            SEND: self._sent,
            RETRIEVE: self._retrieved,
            LISTING: self._listed,
            MOVE: self._cleaned,
            DELETE: self._cleaned,
        }
        try:
            return ways[event.kind](event)
        except (ClientError, BotoCoreError) as error:
            raise classify(error, f"hear of {event.kind}") from error

    def _sent(self, event: ConnectorEvent) -> str:
        send = self.table.send(event.operation) if event.operation else None
        if send is None or event.bucket != self.settings.exchange_bucket:
            return "known"
        after = self._end_of(replace(send, transfer_id=event.id or send.transfer_id), event)
        # A delivery that was given up and turns out to have been made is told; whatever else was told is the end.
        if send.state == DONE and (send.outcome != FAILED or after.outcome == FAILED):
            return "known"
        # Told first: the transfer takes a second telling for a duplicate, but would miss a first one.
        body = canonical_json(outcomes.outcome_message(after))
        self.sqs.send_message(QueueUrl=self.settings.intake_queue_url, MessageBody=body)
        if not self.table.finish(send, after):
            raise Transient(f"the send {send.operation} changed while its end was noted")
        count("ConnectorFilesSent" if after.outcome == SUCCEEDED else "ConnectorSendsFailed")
        logger.info("send ended", operation=send.operation, outcome=after.outcome, code=event.failure_code)
        self._call_next(send.connector)
        return "ended"

    def _end_of(self, send: Send, event: ConnectorEvent) -> Send:
        now = self.clock()
        if not event.completed:
            said = f"{event.failure_code or 'UNKNOWN_ERROR'}: {event.failure_message}".rstrip(": ")
            return sends.ended(send, FAILED, outcomes.reason_of(event.failure_code), said, now)
        if event.size is not None and event.size != send.size:
            said = f"{event.size} of {send.size} bytes were sent to {send.path}"
            return sends.ended(send, FAILED, Transient.code, said, now)
        return sends.ended(send, SUCCEEDED, "", "", now)

    def _call_next(self, alias: str) -> None:
        """A place has become free: somebody who waits for it takes it."""
        if self.table.line(alias, WAITING, self.clock(), limit=1):
            body = canonical_json({"kind": LINE_KIND, "connector": alias})
            self.sqs.send_message(QueueUrl=self.settings.connector_queue_url, MessageBody=body)

    def _retrieved(self, event: ConnectorEvent) -> str:
        workflow_id, batch, _ = event.pulled
        if not workflow_id or event.bucket != self.settings.exchange_bucket:
            return "known"
        rule = self.definitions.rule(workflow_id)
        if rule is not None:
            ended = self.puller.retrieved(rule, event)
        else:
            file = self.puller.table.file(workflow_id, event.path)
            under_way = file is not None and file.state == pulls.FETCHING and file.batch == batch
            ended = bool(file and under_way and self.puller.table.finish(file, pulls.seen_again(file, self.clock())))
        if ended:
            self._call_next(self.settings.alias_of(event.connector_id))
        return "ended" if ended else "known"

    def _listed(self, event: ConnectorEvent) -> str:
        if not event.completed:
            logger.warning("listing failed", path=event.path, code=event.failure_code, error=event.failure_message)
            count("ListingsFailed")
            return "noted"
        rule = self.definitions.rule(event.listed) if event.listed else None
        if rule is None or event.bucket != self.settings.exchange_bucket:
            return "known"
        try:
            fetched = self.puller.listed(rule, event.key)
        except ClientError as error:
            if error_code(error) != "NoSuchKey":
                raise
            return "known"
        logger.info("folder listed", workflow_id=rule.workflow_id, fetched=fetched)
        return "listed"

    def _cleaned(self, event: ConnectorEvent) -> str:
        """The next listing shows whether a file is gone; a failure is counted, so that somebody looks."""
        if not event.completed:
            logger.warning("file not taken away", path=event.path, code=event.failure_code, error=event.failure_message)
            count("CleanupsFailed")
        return "noted"
