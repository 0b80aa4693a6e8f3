"""The end of an asynchronous delivery: noted first, then the transfer is closed if it waited for this one only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from file_transfer.intake import results
from file_transfer.intake.claiming import Claims, Item
from file_transfer.intake.messages import Delivery
from file_transfer.intake.transfer_messages import Outcome
from file_transfer.records.claim import IN_PROGRESS, Claimant
from file_transfer.records.deliveries import under_way
from shared.clock import stamp


class Notes(Protocol):
    """Where outcomes are written, as file_transfer.intake.outcome_store.OutcomeStore has it."""

    def note(self, outcome: Outcome, at: str) -> tuple[bool, Item]: ...


@dataclass(frozen=True)
class Outcomes:
    """All that taking in an outcome needs."""

    claims: Claims
    notes: Notes

    def take(self, delivery: Delivery, outcome: Outcome) -> dict[str, Any]:
        """NOTED, or the claim's answer when no delivery of the transfer is under way any more.

        An outcome that is on record already may be the redelivery of one whose worker died before the claim, so it
        goes the same way.
        """
        _, item = self.notes.note(outcome, stamp(self.claims.clock()))
        record = item.get("targets", {}).get(outcome.target, {})
        if record.get("operation") != outcome.operation:
            return results.nothing_to_do(
                delivery, "UNKNOWN_OPERATION", f"{outcome.operation} is no delivery that this transfer waits for"
            )
        said = f"{outcome.operation} is {record['state']}"
        if record["state"] != outcome.state:
            return results.nothing_to_do(delivery, "ENDED_BEFORE", f"{said}, and this says {outcome.state}")
        if item["status"] != IN_PROGRESS or under_way(item):
            return results.noted(delivery, item, said)
        claimant = Claimant(delivery.message_id, delivery.receives, attempt=item["attempt"])
        return self.claims.claim(delivery, claimant, item, item)
