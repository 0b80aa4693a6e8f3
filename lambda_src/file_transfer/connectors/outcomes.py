"""What the transfer is told about a delivery by connector, as the outcome message of the intake queue. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from file_transfer.connectors.sends import FAILED, Send
from shared.errors import NotFound, PermissionDenied, Timeout, Transient, ValidationFailed

MESSAGE_LENGTH = 500
#: Failure codes of connector events that no retry mends (Transfer Family User Guide, SFTP connector events).
PERMANENT = {
    "ASSUME_ROLE_ERROR": PermissionDenied.code,
    "UNSUPPORTED_OPERATION_ERROR": ValidationFailed.code,
    "DIRECTORY_NOT_FOUND": NotFound.code,
    "FILE_NOT_FOUND": NotFound.code,
    "PATH_NOT_FOUND": NotFound.code,
}
LATE = ("TIMEOUT_ERROR", Timeout.code)


def outcome_message(send: Send) -> dict[str, Any]:
    """The message of a send that is over; `receipt` says which transfer of the connector it was."""
    message: dict[str, Any] = {
        "kind": "towpath.outcome",
        "pk": send.pk,
        "sk": send.sk,
        "target": send.target,
        "operation": send.operation,
        "state": send.outcome,
    }
    if send.reason:
        message["reason"] = send.reason
    if send.message:
        message["message"] = send.message[:MESSAGE_LENGTH]
    if send.outcome != FAILED:
        receipt = {"transferId": send.transfer_id, "bytes": send.size}
        message["receipt"] = {name: value for name, value in receipt.items() if value != ""}
    return message


def failure(order: Mapping[str, str], reason: str, message: str) -> dict[str, Any]:
    """The message of an order that never became a send. It has `pk`, `sk`, `target` and `operation`."""
    named = {name: order[name] for name in ("pk", "sk", "target", "operation")}
    return {"kind": "towpath.outcome", **named, "state": FAILED, "reason": reason, "message": message[:MESSAGE_LENGTH]}


def reason_of(failure_code: str) -> str:
    """A code of our taxonomy for the failure code of a connector's event.

    Which failure has which code AWS does not say, so only what surely stays as it is counts as permanent; a login or
    a host key that is refused comes as CONNECTION_ERROR, as does a network that is down.
    """
    if failure_code in LATE:
        return Timeout.code
    return PERMANENT.get(failure_code, Transient.code)
