"""Sends files: an order becomes a send in its connector's line, which moves as fast as the connector takes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from file_transfer.connectors import outcomes, sends
from file_transfer.connectors.events import OUTBOX
from file_transfer.connectors.sends import LINE_KIND, SKIPPED, SUCCEEDED, WAITING, Send
from file_transfer.connectors.settings import ConnectorSettings
from file_transfer.connectors.table import LOOKED_AT, ConnectorTable
from file_transfer.copying.copier import Outcome
from file_transfer.copying.order import ORDER_KEY, marker_of
from file_transfer.errors import Rejection, ValidationFailed
from file_transfer.observe import count, logger
from file_transfer.workflows.targets import CONNECTOR_OVERWRITES, NEWEST_WINS, key_problem
from shared.aws_errors import classify, is_ambiguous
from shared.canonical import canonical_json
from shared.clock import Clock, stamp
from shared.errors import Throttled
from shared.ids import new_id

#: Batches of one invocation; what is left is called up by the events of these.
BATCHES = 20
#: A connector that is full or slow is asked again after so long.
BACK_OFF_SECONDS = 5
FULL = "pending"


class Copies(Protocol):
    """Copies of one version, made once, as file_transfer.copying.copier.Copier makes them."""

    def copy(self, transfer: Mapping[str, Any], target: Mapping[str, Any]) -> Outcome: ...


@dataclass(frozen=True)
class Sender:
    """`transfer` must be a client that never retries by itself: StartFileTransfer knows no token."""

    settings: ConnectorSettings
    table: ConnectorTable
    copies: Copies
    transfer: Any
    sqs: Any
    clock: Clock

    def accept(self, order: Mapping[str, Any]) -> str:
        """Puts an order into its line, once; returns the connector's alias.

        What is sent is a copy under a key of its own: a path names no version, and the copy is the claimed one.
        Raises Rejection for an order that cannot be carried out, and the taxonomy's errors of the copy.
        """
        alias = self._alias(order["target"])
        operation = order["operation"]
        if self.table.send(operation):
            return alias
        send = self._send(alias, order)
        self.copies.copy(
            order["transfer"],
            {
                **order["target"],
                "bucket": self.settings.exchange_bucket,
                "key": send.outbox,
                "uri": f"s3://{self.settings.exchange_bucket}/{send.outbox}",
            },
        )
        self.table.add(send)
        return alias

    def advance(self, alias: str, own: Sequence[str] = ()) -> int:
        """Starts what waits for a connector as long as it takes it; returns the number of files started.

        `own` are operations that were added a moment ago, which the index may not show yet.
        """
        started = 0
        fresh = {each: found for each in own if (found := self.table.send(each))}
        gone: set[str] = set()
        for _ in range(BATCHES):
            waiting = self._waiting(alias, fresh, gone)
            room = self.settings.max_pending - self.table.pending(alias)
            verdicts = sends.choose(waiting, self.table.paths(waiting), room)
            for send in verdicts.adopted:
                self._end_unsent(send, SUCCEEDED, "", "")
            for send in verdicts.superseded:
                self._end_unsent(send, SKIPPED, "NEWER_EXISTS", f"a newer version was sent to {send.path}")
            gone |= {each.operation for each in verdicts.adopted + verdicts.superseded}
            if not verdicts.go:
                return started
            batch = self._intend(verdicts.go)
            if not batch:
                gone |= {each.operation for each in verdicts.go if not self._still_waits(each)}
                continue
            gone |= {each.operation for each in batch}
            if not self._start(alias, batch):
                return started
            started += len(batch)
        return started

    def tell(self, message: Mapping[str, Any]) -> None:
        """An outcome, to the intake."""
        self.sqs.send_message(QueueUrl=self.settings.intake_queue_url, MessageBody=canonical_json(message))

    def call_later(self, alias: str) -> None:
        """Has the line moved once the connector had time; if the call is lost, the watcher makes it."""
        self.sqs.send_message(
            QueueUrl=self.settings.connector_queue_url,
            MessageBody=canonical_json({"kind": LINE_KIND, "connector": alias}),
            DelaySeconds=BACK_OFF_SECONDS + 1,
        )

    def _alias(self, target: Mapping[str, Any]) -> str:
        named = str(target["bucket"])
        alias = named if named in self.settings.connectors else self.settings.alias_of(named)
        if not alias:
            raise Rejection("UNSUPPORTED_TARGET", f"target {target['id']}: no connector is known as {named!r}")
        if target.get("overwrite", NEWEST_WINS) not in CONNECTOR_OVERWRITES:
            raise Rejection(
                "UNSUPPORTED_TARGET", f"target {target['id']}: a connector cannot tell whether a file is there"
            )
        problem = key_problem(str(target["key"]))
        if problem:
            raise Rejection("INVALID_KEY", f"target {target['id']}: {problem}")
        return alias

    def _send(self, alias: str, order: Mapping[str, Any]) -> Send:
        transfer, target, now = order["transfer"], order["target"], stamp(self.clock())
        key = str(target["key"])
        return Send(
            operation=order["operation"],
            connector=alias,
            path=f"/{key}",
            outbox=f"{OUTBOX}{order['operation']}/{key.rsplit('/', 1)[-1]}",
            pk=transfer["pk"],
            sk=transfer["sk"],
            target=target["id"],
            version=transfer["id"],
            order=marker_of(transfer).as_metadata()[ORDER_KEY],
            size=int((transfer.get("content") or transfer)["sizeBytes"]),
            queued_at=now,
            due_at=now,
        )

    def _waiting(self, alias: str, fresh: Mapping[str, Send], gone: Collection[str]) -> list[Send]:
        """Those whose time has come. The index lags behind: it lacks what was added just now, and has what is gone."""
        now = self.clock()
        listed = {each["operation"]: sends.from_record(each) for each in self.table.line(alias, WAITING, now)}
        waiting = [each for each in {**fresh, **listed}.values() if each.operation not in gone]
        return [each for each in sends.due(waiting, now) if each.state == WAITING][:LOOKED_AT]

    def _still_waits(self, send: Send) -> bool:
        now = self.table.send(send.operation)
        return now is not None and now.state == WAITING

    def _intend(self, batch: Sequence[Send]) -> list[Send]:
        """The batch as it is written before the call, or nothing if somebody else was faster or has filled the room."""
        now = self.clock()
        name = new_id("send", now)
        intended = [sends.started(each, name, now, self.settings.unconfirmed_seconds) for each in batch]
        return intended if self.table.start(intended, self.settings.max_pending) else []

    def _start(self, alias: str, intended: Sequence[Send]) -> bool:
        """One StartFileTransfer. True when the line may move on."""
        try:
            answer = self.transfer.start_file_transfer(
                ConnectorId=self.settings.connectors[alias],
                SendFilePaths=[f"/{self.settings.exchange_bucket}/{each.outbox}" for each in intended],
                RemoteDirectoryPath=intended[0].directory,
            )
        except (ClientError, BotoCoreError) as error:
            return self._refused(alias, intended, error)
        for send in intended:
            self.table.confirm(replace(send, due_at=self._next_look()), answer["TransferId"])
        logger.info("files started", connector=alias, files=len(intended), connector_transfer=answer["TransferId"])
        count("ConnectorFilesStarted", len(intended))
        return True

    def _refused(self, alias: str, intended: Sequence[Send], error: Exception) -> bool:
        """No transfer was named. If it may run all the same, its event or the sweep will tell."""
        if is_ambiguous(error):
            logger.warning("nobody knows whether files were started", connector=alias, error=str(error))
            count("ConnectorStartsUnconfirmed")
            return False
        found = classify(error, f"send by {alias}")
        if isinstance(found, ValidationFailed) and FULL in str(found).lower():
            found = Throttled(str(found))
        now = self.clock()
        self.table.give_back(intended, [sends.returned(each, now, BACK_OFF_SECONDS) for each in intended])
        if found.retriable:
            logger.info("the connector takes no more", connector=alias, error=str(found))
            self.call_later(alias)
            return False
        for send in intended:
            self._end_unsent(sends.returned(send, now, BACK_OFF_SECONDS), sends.FAILED, found.code, str(found))
        return True

    def _next_look(self) -> str:
        return stamp(self.clock() + timedelta(seconds=self.settings.look_seconds))

    def _end_unsent(self, send: Send, outcome: str, reason: str, message: str) -> None:
        over = sends.ended(send, outcome, reason, message, self.clock())
        self.tell(outcomes.outcome_message(over))
        self.table.finish(send, over)
