"""What went wrong, as a record may have it: a code, a message without secrets, and what a worker said of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from quicksight_migration.records.job import Failure
from shared.canonical import canonical_json
from shared.errors import code_of
from shared.redaction import redacted

MESSAGE_LENGTH = 1000
#: Of details; an item of the table has 400 KB for everything.
DETAILS_BYTES = 20_000
#: Names that say nothing themselves, of errors that the machine makes.
PLAIN = {"States.Timeout": "WORKER_TIMED_OUT", "States.TaskFailed": "WORKER_FAILED", "none": "UNKNOWN", "": "UNKNOWN"}


def failure_of(error: str, cause: str, result: Mapping[str, Any]) -> Failure:
    """Of a worker's answer FAILED, or of the error that the machine has caught."""
    said = result.get("error") if result.get("state") == "FAILED" else None
    if isinstance(said, Mapping):
        return Failure(
            code=str(said.get("code") or "UNKNOWN"),
            message=_text(said.get("message", "")),
            details=_details(said.get("details")),
        )
    return Failure(code=PLAIN.get(error) or code_of(error.rpartition(".")[2]), message=_message(cause))


def plain(value: Any) -> Any:
    """JSON as a record may have it: without secrets, and numbers with a fraction as text."""
    return _stored(redacted(value))


def _stored(value: Any) -> Any:
    if isinstance(value, float):
        return int(value) if value.is_integer() else str(value)
    if isinstance(value, Mapping):
        return {str(name): _stored(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_stored(each) for each in value]
    return value


def _details(details: Any) -> Any:
    told = plain(details)
    if told in (None, [], {}, ""):
        return None
    if len(canonical_json(told)) <= DETAILS_BYTES:
        return told
    return {"truncated": canonical_json(told)[:DETAILS_BYTES]}


def _message(cause: str) -> str:
    """What a person needs of a cause: of a function's error only its message, not the stack."""
    try:
        told = json.loads(cause)
    except ValueError:
        told = None
    text = told.get("errorMessage", cause) if isinstance(told, dict) else cause
    return _text(text)


def _text(value: Any) -> str:
    return str(redacted(str(value)))[:MESSAGE_LENGTH]
