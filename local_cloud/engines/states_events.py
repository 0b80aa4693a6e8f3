"""How an execution is, as EventBridge is told: "Step Functions Execution Status Change" of Standard executions.

ministack tells it too, but knows of no execution that is out of time, and calls only failed ones redrivable.
"""

from __future__ import annotations

from typing import Any

from ministack.services import stepfunctions as engine

from local_cloud.events import put_event

_LONGEST = 248 * 1024  # "Automating Step Functions event delivery": larger inputs and outputs are left out
_REDRIVABLE = ("FAILED", "TIMED_OUT", "ABORTED")


def emit(record: dict[str, Any]) -> None:
    """Tells the status of a recorded execution."""
    if record.get("sync"):
        return
    status = record["status"]
    output = record.get("output") if status == "SUCCEEDED" else None
    can = "is redrivable" if status in _REDRIVABLE else "cannot be redriven"
    detail = {
        "executionArn": record["executionArn"],
        "stateMachineArn": record["stateMachineArn"],
        "name": record["name"],
        "status": status,
        "startDate": engine._iso_to_epoch_ms(record.get("startDate")),
        "stopDate": engine._iso_to_epoch_ms(record.get("stopDate")),
        **_payload("input", record.get("input")),
        **_payload("output", output),
        "stateMachineVersionArn": None,
        "stateMachineAliasArn": None,
        "redriveCount": 0,
        "redriveDate": None,
        "redriveStatus": "REDRIVABLE" if status in _REDRIVABLE else "NOT_REDRIVABLE",
        "redriveStatusReason": f"Execution is {status} and {can}",
        "error": record.get("error") if status in _REDRIVABLE else None,
        "cause": record.get("cause") if status in _REDRIVABLE else None,
    }
    put_event("aws.states", "Step Functions Execution Status Change", detail, [record["executionArn"]])


def _payload(name: str, text: str | None) -> dict[str, Any]:
    if text is None:
        return {name: None, f"{name}Details": None}
    fits = len(text) <= _LONGEST
    return {name: text if fits else None, f"{name}Details": {"included": fits}}
