"""Messages about a transfer that is already known: each names a status item by its key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from file_transfer.errors import Timeout, Transient
from file_transfer.intake.body import check, json_object
from file_transfer.records.identity import StatusKey
from shared.errors import code_of

#: What the failure of an execution is called where it has no name of its own.
ENDED_AS = {"TIMED_OUT": Timeout.code, "ABORTED": "ABORTED"}


@dataclass(frozen=True)
class Retry:
    """Something is due: a next attempt, a group that is complete, a worker that is gone. `attempt`: the fence seen."""

    pk: str
    sk: str
    attempt: int

    @property
    def key(self) -> StatusKey:
        return StatusKey(self.pk, self.sk)


@dataclass(frozen=True)
class Outcome:
    """What became of one asynchronous delivery; `state` is SUCCEEDED, SKIPPED or FAILED."""

    pk: str
    sk: str
    target: str
    operation: str
    state: str
    reason: str = ""
    message: str = ""
    receipt: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> StatusKey:
        return StatusKey(self.pk, self.sk)


@dataclass(frozen=True)
class Replay:
    """Somebody wants a transfer that ended short of its targets started again. `confirmed`: the upload is whole."""

    pk: str
    sk: str
    replay_id: str
    by: str
    confirmed: bool = False

    @property
    def key(self) -> StatusKey:
        return StatusKey(self.pk, self.sk)


Known = Retry | Outcome | Replay


def read_known(message: Mapping[str, Any]) -> Known | None:
    """The normal form, or None for a message of another kind. Raises UnreadableMessage."""
    read = _READERS.get(str(message.get("kind") or message.get("source")))
    return read(message) if read else None


def _retry(message: Mapping[str, Any]) -> Retry:
    check("retry-message", message)
    return Retry(message["pk"], message["sk"], message["attempt"])


def _outcome(message: Mapping[str, Any]) -> Outcome:
    check("outcome-message", message)
    return Outcome(
        pk=message["pk"],
        sk=message["sk"],
        target=message["target"],
        operation=message["operation"],
        state=message["state"],
        reason=message.get("reason", ""),
        message=message.get("message", ""),
        receipt=message.get("receipt", {}),
    )


def _replay(message: Mapping[str, Any]) -> Replay:
    check("replay-message", message)
    return Replay(
        message["pk"], message["sk"], message["replayId"], message["by"], bool(message.get("confirmed", False))
    )


def _execution(message: Mapping[str, Any]) -> Outcome:
    """The end of an execution that could not say itself what became of its delivery."""
    check("states-event", message)
    detail = message["detail"]
    order = json_object(detail["input"])
    check("delivery-input", order)
    raised = code_of(str(detail.get("error") or "").rsplit(".", 1)[-1])
    reason = ENDED_AS.get(detail["status"]) or (raised if raised.isidentifier() else Transient.code)
    return Outcome(
        pk=order["transfer"]["pk"],
        sk=order["transfer"]["sk"],
        target=order["target"]["id"],
        operation=order["operation"],
        state="FAILED",
        reason=reason,
        message=f"the execution is {detail['status']}: {detail.get('cause') or 'no cause given'}",
    )


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Known]] = {
    "towpath.retry": _retry,
    "towpath.outcome": _outcome,
    "towpath.replay": _replay,
    "aws.states": _execution,
}
