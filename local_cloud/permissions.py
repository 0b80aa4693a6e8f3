"""What the policies were asked: which role was allowed which action, `GET /_towpath/permissions`.

One call can need several actions (a copy reads its source and writes its target), so the record of calls cannot tell
which permissions are really used; the policy evaluator can.
"""

from __future__ import annotations

import threading
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id

from local_cloud.control_plane import Request
from local_cloud.symbols import PatchedSymbol

SYMBOLS = (
    PatchedSymbol("ministack.core.iam_evaluator", "enforce", "cf64b1ee5b099c8f"),
    PatchedSymbol("ministack.core.iam_evaluator", "pin_request_caller", "4e5a7d52a6e65248"),
    PatchedSymbol("ministack.core.iam_evaluator", "resolve_principal", "b6c6131e24bf22f0"),
)
_lock = threading.Lock()
_used: dict[tuple[str, str], dict[str, Any]] = {}


def install() -> None:
    """Wraps the evaluator that ministack asks before it serves a request."""
    enforce = iam_evaluator.enforce

    def recorded(access_key_id: str, iam_action: str, *more: Any, **named: Any) -> Any:
        denied = enforce(access_key_id, iam_action, *more, **named)
        caller = iam_evaluator._request_caller_arn.get() or _caller(access_key_id)
        note(caller, iam_action, str(named.get("resource_arn", "*")), denied is None)
        return denied

    iam_evaluator.enforce = recorded


def _caller(access_key_id: str) -> str:
    """ARN of the key's principal, where ministack asks before it has pinned one: on paths of data planes."""
    principal = iam_evaluator.resolve_principal(access_key_id, get_account_id())
    return str(getattr(principal, "arn", ""))


def read(_request: Request) -> dict[str, Any]:
    """GET permissions: per role and action how often it was allowed and denied, and a resource it was asked for."""
    with _lock:
        return {"permissions": [dict(entry) for entry in _used.values()]}


def note(principal: str, action: str, resource: str, allowed: bool) -> None:
    """Records one question to the policies; of principals that are no roles nothing is kept."""
    role = _role(principal)
    if not role:
        return
    with _lock:
        entry = _used.setdefault(
            (role, action), {"role": role, "action": action, "resource": resource, "allowed": 0, "denied": 0}
        )
        entry["allowed" if allowed else "denied"] += 1


def _role(principal: str) -> str:
    """Name of the role behind a role or a session of one; empty for anybody else."""
    kind, _, name = principal.rpartition(":")[2].partition("/")
    return name.split("/")[0] if kind in ("role", "assumed-role") else ""
