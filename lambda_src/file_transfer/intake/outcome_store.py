"""What became of an asynchronous delivery, noted in the status item: one conditional write, once."""

from __future__ import annotations

from typing import Any

from file_transfer.intake.transfer_messages import Outcome
from file_transfer.records.claim import IN_PROGRESS
from file_transfer.records.deliveries import DELIVERED_STATES
from shared.conditional import update_if

MESSAGE_LENGTH = 200
RECEIPT = ("etag", "checksum", "versionId", "transferId", "bytes")


class OutcomeStore:
    """Writes beside the fence: an outcome is a fact, whoever is at work and whatever the transfer's status is."""

    def __init__(self, dynamodb: Any, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def note(self, outcome: Outcome, at: str) -> tuple[bool, dict[str, Any]]:
        """(True, the item now) if it was new, else (False, the item as it stands, empty if there is none).

        The operation has to be the target's. A delivery that was given up and succeeds all the same is believed, unless
        a worker is about to start it anew and would write over it; one that has ended well stays so.
        """
        names = {"#target": outcome.target, "#state": "state", "#operation": "operation", "#at": "at"}
        values: dict[str, Any] = {
            ":operation": outcome.operation,
            ":started": "STARTED",
            ":state": outcome.state,
            ":at": at,
            ":one": 1,
        }
        sets = ["#state = :state", "#at = :at"]
        for number, (name, value) in enumerate(_facts(outcome).items()):
            names[f"#f{number}"], values[f":f{number}"] = name, value
            sets.append(f"#f{number} = :f{number}")
        open_states = "targets.#target.#state = :started"
        removed = ""
        if outcome.state in DELIVERED_STATES:
            values |= {":failed": "FAILED", ":inProgress": IN_PROGRESS}
            nobody_at_work = "(#status <> :inProgress OR attribute_exists(awaitingSince))"
            open_states = f"({open_states} OR (targets.#target.#state = :failed AND {nobody_at_work}))"
            names |= {"#error": "error", "#message": "message", "#status": "status"}
            removed = " REMOVE targets.#target.#error, targets.#target.#message"
        update = "SET " + ", ".join(f"targets.#target.{each}" for each in sets)
        return update_if(
            self._dynamodb,
            self._table,
            {"PK": outcome.pk, "SK": outcome.sk},
            f"{update}{removed} ADD deliveries :one, revision :one",
            f"targets.#target.#operation = :operation AND {open_states}",
            values,
            names,
        )


def _facts(outcome: Outcome) -> dict[str, Any]:
    """What is kept of an outcome beside its state."""
    facts = {name: outcome.receipt.get(name) for name in RECEIPT}
    if outcome.state == "FAILED":
        facts |= {"error": outcome.reason, "message": outcome.message[:MESSAGE_LENGTH]}
    else:
        facts["reason"] = outcome.reason
    return {name: value for name, value in facts.items() if value not in (None, "")}
