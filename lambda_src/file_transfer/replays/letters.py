"""What a dead letter is about, and whether the intake would still have something to do with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from file_transfer.intake.judgement import Judge
from file_transfer.intake.messages import UnreadableMessage, read_delivery, read_record
from file_transfer.intake.new_item import identity_of
from file_transfer.intake.transfer_messages import Known, Outcome, Replay, Retry
from file_transfer.records import claim
from file_transfer.records.claim import Claimant, Verdict
from file_transfer.records.identity import StatusKey, file_name, file_partition
from file_transfer.workflows.arrival import Arrival
from shared.clock import Clock

REDRIVE, SETTLED, UNREADABLE = "REDRIVE", "SETTLED", "UNREADABLE"
ENDED = claim.REPLAYABLE | {"SUCCESS", "SUPERSEDED"}
#: Nobody's message: neither its owner's nor worth counting.
NOBODY = Claimant("")
ANY_RECEIVES = 1_000_000

Item = Mapping[str, Any]


class Transfers(Protocol):
    """The status table, as file_transfer.records.status_store.StatusStore has it."""

    def get(self, key: StatusKey) -> dict[str, Any]: ...
    def find_version(self, partition: str, identity: str, etag: str) -> dict[str, Any] | None: ...


@dataclass(frozen=True)
class Judged:
    """REDRIVE, SETTLED (its transfer has ended, or is gone) or UNREADABLE (`problem` says why)."""

    verdict: str
    kind: str
    sent_at: str
    receives: int
    bucket: str = ""
    key: str = ""
    item: Item | None = None
    problem: str = ""


@dataclass(frozen=True)
class LetterJudge:
    """Reads the state of a letter's transfer as it is now."""

    judge: Judge
    transfers: Transfers
    clock: Clock

    def look(self, record: Mapping[str, Any]) -> Judged:
        """`record` is the letter as the pipe would hand it on."""
        now = self.clock()
        delivery = read_delivery(record, now)
        try:
            _, message = read_record(record, now)
        except UnreadableMessage as error:
            return Judged(UNREADABLE, UNREADABLE, delivery.sent_at, delivery.receives, problem=str(error))
        if isinstance(message, Arrival):
            item = self._of_arrival(message)
            verdict = SETTLED if item and _is_done_with(item, message, now) else REDRIVE
            place = (message.bucket, message.key)
            return Judged(verdict, "ARRIVAL", delivery.sent_at, delivery.receives, *place, item=item)
        item = self.transfers.get(message.key) or None
        verdict = REDRIVE if item and _wants(item, message) else SETTLED
        problem = "" if item else "its transfer is gone"
        kind = type(message).__name__.upper()
        return Judged(verdict, kind, delivery.sent_at, delivery.receives, item=item, problem=problem)

    def _of_arrival(self, arrival: Arrival) -> Item | None:
        """By what the message says: the object itself is not asked for."""
        customer = self.judge.judge(arrival, None).customer_id
        partition = file_partition(customer, file_name(arrival.key))
        return self.transfers.find_version(partition, identity_of(arrival, None), arrival.etag or "")


def _is_done_with(item: Item, arrival: Arrival, now: datetime) -> bool:
    vouches = arrival.confirmed and not arrival.failure_code
    claimant = Claimant(NOBODY.message_id, vouches=vouches)
    decision = claim.decide(item, claimant, now, ANY_RECEIVES)
    return bool(decision.verdict is Verdict.DROP and item["status"] in ENDED)


def _wants(item: Item, message: Known) -> bool:
    """True when the transfer still waits for this."""
    if isinstance(message, Replay):
        return bool(item["status"] in claim.REPLAYABLE and item.get("lastReplay") != message.replay_id)
    if isinstance(message, Outcome):
        target = item["targets"].get(message.target, {})
        return bool(target.get("state") == "STARTED" and target.get("operation") == message.operation)
    assert isinstance(message, Retry)
    return bool(item["status"] not in ENDED and item["attempt"] == message.attempt)
