"""The writes of the state machine, as asl/file_transfer.asl.json makes them: all under the fence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from shared.clock import stamp
from shared.conditional import update_if

FENCE = "attempt = :attempt AND #status = :inProgress"
PERMANENT = frozenset({"PERMISSION_DENIED"})
RETRY_SECONDS = 30
DEADLINE_SECONDS = 7200

Transfer = Mapping[str, Any]
Result = Mapping[str, Any]


def settle(
    dynamodb: Any,
    table: str,
    transfer: Transfer,
    status: str,
    results: Sequence[Result],
    now: datetime,
    reason: str = "",
) -> bool:
    """Log Success, Update Retry Count or Log Failure; False when the fence was lost."""
    sets = ["#status = :status", "#timestamp = :now", "revision = revision + :one"]
    sets += ["workflowStatus = :workflowStatus", "dateStatus = :dateStatus"]
    values: dict[str, Any] = {":status": status, ":now": stamp(now), ":one": 1, **_indexes(transfer, status)}
    removed = ["leaseUntil", "leaseOwner"]
    if status == "RETRYING":
        sets += ["retryCount = retryCount + :one", "nextAttemptAt = :next"]
        values[":next"] = stamp(now + timedelta(seconds=RETRY_SECONDS))
    else:
        removed.append("nextAttemptAt")
    if reason:
        sets += ["failureReason = :reason", "errorMessage = :reason"]
        values[":reason"] = reason
    else:
        removed += ["failureReason", "errorMessage"]
    update = f"SET {', '.join(sets)}%s REMOVE {', '.join(removed)}"
    return _write(dynamodb, table, transfer, update, results, values, {"#timestamp": "timestamp"})


def await_deliveries(dynamodb: Any, table: str, transfer: Transfer, results: Sequence[Result], now: datetime) -> bool:
    """Await Deliveries: nobody is at work on it from now on."""
    update = (
        "SET leaseUntil = :deadline, awaitingSince = :now, workflowStatus = :workflowStatus, dateStatus = :dateStatus%s"
        " ADD deliveries :one, revision :one"
    )
    values = {
        ":deadline": stamp(now + timedelta(seconds=DEADLINE_SECONDS)),
        ":now": stamp(now),
        ":one": 1,
        **_indexes(transfer, "IN_PROGRESS"),
    }
    return _write(dynamodb, table, transfer, update, results, values, {})


def hold(dynamodb: Any, table: str, transfer: Transfer, now: datetime) -> bool:
    """Hold: the file waits for its group."""
    return settle(dynamodb, table, transfer, "HELD", [], now)


def outcome_of(transfer: Transfer, results: Sequence[Result]) -> tuple[str, str]:
    """Choose Outcome: (status, reason)."""
    failed = [each for each in results if each["state"] == "FAILED"]
    if not failed:
        skipped = all(each["state"] == "SKIPPED" and each.get("reason") == "NEWER_EXISTS" for each in results)
        return ("SUPERSEDED" if transfer["succeeded"] == 0 and skipped else "SUCCESS"), ""
    passing = any(each["reason"] not in PERMANENT for each in failed)
    if passing and transfer["retryCount"] < transfer["maxRetries"]:
        return "RETRYING", failed[0]["reason"]
    reached = transfer["delivered"] + len(results) - len(failed)
    return ("PARTIAL" if reached else "FAILED"), failed[0]["reason"]


def _indexes(transfer: Transfer, status: str) -> dict[str, str]:
    return {
        ":workflowStatus": f"{transfer['workflowId']}#{status}#{transfer['shard']}",
        ":dateStatus": f"{transfer['date']}#{status}#{transfer['shard']}",
    }


def _write(  # noqa: PLR0913  (an UpdateItem has these parts)
    dynamodb: Any,
    table: str,
    transfer: Transfer,
    update: str,
    results: Sequence[Result],
    values: Mapping[str, Any],
    names: Mapping[str, str],
) -> bool:
    """`update` has the place %s for the targets that are written."""
    written = [each for each in results if "record" in each]
    clauses = "".join(f", targets.#t{number} = :t{number}" for number in range(len(written)))
    held, _ = update_if(
        dynamodb,
        table,
        {"PK": transfer["pk"], "SK": transfer["sk"]},
        update % clauses,
        FENCE,
        {
            **values,
            **{f":t{number}": each["record"] for number, each in enumerate(written)},
            ":attempt": transfer["attempt"],
            ":inProgress": "IN_PROGRESS",
        },
        {"#status": "status", **names, **{f"#t{number}": each["id"] for number, each in enumerate(written)}},
    )
    return held
