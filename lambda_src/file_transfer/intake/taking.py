"""From a message of the queue to a claimed transfer, or to the reason why there is none.

The order matters: nothing is written before the claim, and the claim is one conditional write. Whatever cannot be
transferred is claimed all the same, so that it ends with a status, an audit record and a person's attention.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from file_transfer.errors import PermissionDenied
from file_transfer.intake import results
from file_transfer.intake.claiming import Claims, Store
from file_transfer.intake.judgement import Judge
from file_transfer.intake.messages import Delivery, Retry, UnreadableMessage, read_delivery, read_record
from file_transfer.intake.new_item import identity_of, new_item
from file_transfer.intake.outcomes import Notes, Outcomes
from file_transfer.intake.replaying import Replays
from file_transfer.intake.source import Source
from file_transfer.intake.transfer_messages import Outcome, Replay
from file_transfer.records.claim import Claimant
from file_transfer.records.status_store import Item
from file_transfer.settings import Settings
from file_transfer.workflows.arrival import Arrival
from shared.clock import Clock

#: What clients write before a file is complete, or instead of one. A rename to the final name is an arrival.
IGNORED_ENDINGS = ("/", ".filepart", ".tmp", ".part")


class Sources(Protocol):
    """Where the source object is looked up."""

    def find(self, arrival: Arrival) -> Source | None: ...


@dataclass(frozen=True)
class Intake:
    """All that taking in a message needs; each part can be a fake."""

    settings: Settings
    sources: Sources
    judge: Judge
    store: Store
    clock: Clock
    notes: Notes

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
        if isinstance(message, Outcome):
            return Outcomes(self.claims, self.notes).take(delivery, message)
        if isinstance(message, Replay):
            return Replays(self.claims, self.judge, self._look_up).take(delivery, message)
        if message.key.endswith(IGNORED_ENDINGS):
            return results.ignored(delivery, message.key)
        return self._take_arrival(delivery, message)

    @property
    def claims(self) -> Claims:
        """How this intake claims."""
        return Claims(self.settings, self.store, self.clock)

    def _take_arrival(self, delivery: Delivery, arrival: Arrival) -> dict[str, Any]:
        source, denial = self._look_up(delivery, arrival)
        case = self.judge.judge(arrival, source, denial)
        item = new_item(arrival, source, case, Claimant(delivery.message_id), self.clock(), self.settings)
        existing = None if source else self._known_version(arrival, item)
        vouches = not item.get("review", {}).get("uploadFailed", False)
        claimant = Claimant(delivery.message_id, delivery.receives, vouches)
        return self.claims.claim(delivery, claimant, item, existing, source)

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
        claimed, item = self.store.claim_retry(retry.key, retry.attempt, delivery.message_id, self.clock())
        if claimed:
            return results.claimed(delivery, item, self.settings)
        if not item:
            return results.unreadable(delivery, f"the retry's status item {retry.pk} {retry.sk} does not exist")
        claimant = Claimant(delivery.message_id, delivery.receives, attempt=retry.attempt)
        return self.claims.claim(delivery, claimant, item, item)
