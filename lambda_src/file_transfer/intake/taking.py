"""From a message of the queue to a claimed transfer, or to the reason why there is none.

The order matters: nothing is written before the claim, and the claim is one conditional write. Whatever cannot be
transferred is claimed all the same, so that it ends with a status, an audit record and a person's attention.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from file_transfer.errors import PermissionDenied, Transient
from file_transfer.intake import results
from file_transfer.intake.judgement import Judge
from file_transfer.intake.messages import Arrival, Delivery, Retry, UnreadableMessage, read_delivery, read_record
from file_transfer.intake.source import Source
from file_transfer.records import claim
from file_transfer.records.claim import Claimant, Verdict
from file_transfer.records.identity import StatusKey, file_name
from file_transfer.records.new_item import identity_of, new_item
from file_transfer.records.status_store import Item
from file_transfer.settings import Settings
from shared.clock import Clock

#: What clients write before a file is complete, or instead of one. A rename to the final name is an arrival.
IGNORED_ENDINGS = ("/", ".filepart", ".tmp", ".part")
RACES = 5


class Sources(Protocol):
    """Where the source object is looked up."""

    def find(self, arrival: Arrival) -> Source | None: ...


class Store(Protocol):
    """The status table, as file_transfer.records.status_store.StatusStore has it."""

    def put_new(self, item: Item) -> tuple[bool, Item]: ...
    def replace(self, existing: Mapping[str, Any], item: Item) -> tuple[bool, Item]: ...
    def claim_retry(self, key: StatusKey, attempt: int, owner: str, now: Any) -> tuple[bool, Item]: ...
    def reclaim(self, existing: Mapping[str, Any], owner: str, now: Any) -> tuple[bool, Item]: ...
    def take_over(self, existing: Mapping[str, Any], owner: str, now: Any) -> tuple[bool, Item]: ...
    def count_duplicate(self, existing: Mapping[str, Any], now: Any) -> None: ...
    def find_version(self, partition: str, identity: str, etag: str) -> Item | None: ...


@dataclass(frozen=True)
class Intake:
    """All that taking in a message needs; each part can be a fake."""

    settings: Settings
    sources: Sources
    judge: Judge
    store: Store
    clock: Clock

    def take(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of Validate Input (see file_transfer.intake.results) for one SQS record.

        Raises the retriable errors of the taxonomy, and PermissionDenied while redeliveries are left: then the
        message goes back to the queue.
        """
        try:
            delivery, message = read_record(record, self.clock())
        except UnreadableMessage as error:
            return results.unreadable(read_delivery(record, self.clock()), str(error))
        if isinstance(message, Retry):
            return self._take_retry(delivery, message)
        if message.key.endswith(IGNORED_ENDINGS):
            return results.ignored(delivery, message.key)
        return self._take_arrival(delivery, message)

    def _take_arrival(self, delivery: Delivery, arrival: Arrival) -> dict[str, Any]:
        source, denial = self._look_up(delivery, arrival)
        case = self.judge.judge(arrival, source, denial)
        item = new_item(arrival, source, case, Claimant(delivery.message_id), self.clock(), self.settings)
        existing = None if source else self._known_version(arrival, item)
        return self._claim(delivery, item, existing, source)

    def _look_up(self, delivery: Delivery, arrival: Arrival) -> tuple[Source | None, str]:
        """The source and "", or None and S3's refusal once no redelivery is left that might go better."""
        try:
            return self.sources.find(arrival), ""
        except PermissionDenied as error:
            if delivery.receives < self.settings.max_receives:
                raise
            return None, str(error)

    def _known_version(self, arrival: Arrival, item: Item) -> Item | None:
        return self.store.find_version(item["PK"], identity_of(arrival, None), arrival.etag or "")

    def _take_retry(self, delivery: Delivery, retry: Retry) -> dict[str, Any]:
        key = StatusKey(retry.pk, retry.sk)
        claimed, item = self.store.claim_retry(key, retry.attempt, delivery.message_id, self.clock())
        if claimed:
            return results.claimed(delivery, item, self.settings)
        if not item:
            return results.unreadable(delivery, f"the retry's status item {retry.pk} {retry.sk} does not exist")
        return self._claim(delivery, item, item, None)

    def _claim(self, delivery: Delivery, item: Item, existing: Item | None, source: Source | None) -> dict[str, Any]:
        """Writes until a write holds or the item met says that none is due. Each lost race shows the newer item."""
        vouches = not item.get("review", {}).get("uploadFailed", False)
        claimant = Claimant(delivery.message_id, delivery.receives, vouches)
        for _ in range(RACES):
            now = self.clock()
            decision = claim.decide(existing, claimant, now, self.settings.max_receives)
            if decision.verdict is Verdict.CREATE:
                held, met = self.store.put_new(item)
                if held:
                    return results.claimed(delivery, item, self.settings, source)
            elif decision.verdict is Verdict.REPLACE:
                assert existing is not None
                held, met = self.store.replace(existing, item)
                if held:
                    return results.claimed(delivery, met, self.settings, source)
            elif decision.verdict is Verdict.DROP:
                assert existing is not None
                self.store.count_duplicate(existing, now)
                return results.dropped(delivery, existing)
            elif decision.verdict is Verdict.WAIT:
                assert existing is not None
                return results.waiting(delivery, existing, decision.delay_seconds)
            else:
                assert existing is not None
                write = self.store.take_over if decision.verdict is Verdict.TAKE_OVER else self.store.reclaim
                held, met = write(existing, delivery.message_id, now)
                if held:
                    return results.claimed(delivery, met, self.settings, exhausted=decision.exhausted)
            existing = met
        raise Transient(f"lost {RACES} races for {file_name(item['sourceKey'])}")
