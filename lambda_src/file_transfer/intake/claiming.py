"""Claims of the status item: written until a write holds, or the item met says that none is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from file_transfer.errors import Transient
from file_transfer.intake import results
from file_transfer.intake.messages import Delivery
from file_transfer.intake.source import Source
from file_transfer.records import claim
from file_transfer.records.claim import Claimant, Decision, Verdict
from file_transfer.records.identity import StatusKey, file_name
from file_transfer.settings import Settings
from shared.clock import Clock

RACES = 5

Item = dict[str, Any]
Written = tuple[bool, Item]


class Store(Protocol):
    """The status table, as file_transfer.records.status_store.StatusStore has it."""

    def get(self, key: StatusKey) -> Item: ...
    def put_new(self, item: Item) -> Written: ...
    def replace(self, existing: Mapping[str, Any], item: Item) -> Written: ...
    def replay(self, existing: Mapping[str, Any], item: Item) -> Written: ...
    def replay_elsewhere(self, existing: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[bool, Item, Item]: ...
    def claim_retry(self, key: StatusKey, attempt: int, owner: str, now: datetime) -> Written: ...
    def reclaim(self, existing: Mapping[str, Any], owner: str, now: datetime) -> Written: ...
    def take_over(self, existing: Mapping[str, Any], owner: str, now: datetime) -> Written: ...
    def close(self, existing: Mapping[str, Any], owner: str, now: datetime) -> Written: ...
    def count_duplicate(self, existing: Mapping[str, Any], now: datetime) -> None: ...
    def find_version(self, partition: str, identity: str, etag: str) -> Item | None: ...


@dataclass(frozen=True)
class Claims:
    """What a claim is made with."""

    settings: Settings
    store: Store
    clock: Clock

    def claim(
        self, delivery: Delivery, claimant: Claimant, item: Item, existing: Item | None, source: Source | None = None
    ) -> dict[str, Any]:
        """The answer of Validate Input. `item` is what a first claim would write, `existing` what is known to be there.

        Each lost race shows the newer item. Raises Transient after too many of them.
        """
        for _ in range(RACES):
            now = self.clock()
            decision = claim.decide(existing, claimant, now, self.settings.max_receives)
            if decision.verdict is Verdict.CREATE:
                held, met = self.store.put_new(item)
                if held:
                    return results.claimed(delivery, item, self.settings, source)
            else:
                assert existing is not None
                unclaimed = self._without_claim(delivery, decision, existing, now)
                if unclaimed:
                    return unclaimed
                held, met = self._write(decision.verdict, delivery.message_id, existing, item, now)
                if held:
                    first = source if decision.verdict is Verdict.REPLACE else None
                    return results.claimed(delivery, met, self.settings, first, exhausted=decision.exhausted)
            existing = met or None
        raise Transient(f"lost {RACES} races for {file_name(item['sourceKey'])}")

    def _without_claim(
        self, delivery: Delivery, decision: Decision, existing: Item, now: datetime
    ) -> dict[str, Any] | None:
        if decision.verdict is Verdict.DROP:
            self.store.count_duplicate(existing, now)
            return results.dropped(delivery, existing)
        if decision.verdict is Verdict.WAIT:
            return results.waiting(delivery, existing, decision.delay_seconds)
        return None

    def _write(self, verdict: Verdict, owner: str, existing: Item, item: Item, now: datetime) -> Written:
        if verdict is Verdict.REPLACE:
            return self.store.replace(existing, item)
        if verdict is Verdict.CLOSE:
            return self.store.close(existing, owner, now)
        write = self.store.take_over if verdict is Verdict.TAKE_OVER else self.store.reclaim
        return write(existing, owner, now)
