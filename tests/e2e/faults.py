"""Fault rules in one line each (docs/local-cloud.md has their form)."""

from __future__ import annotations

from typing import Any

_MATCHES = ("resource", "principal", "nth", "times", "probability")


def fault(service: str, operation: str, kind: str, **details: Any) -> dict[str, Any]:
    """A rule on calls of a service's operation.

    `details` are what it matches (resource, principal, nth, times, probability) and members of the action (code,
    status, ms, after_ms).
    """
    matches = {name: details.pop(name) for name in _MATCHES if name in details}
    return {"service": service, "operation": operation, **matches, "action": {"type": kind, **details}}


def killed(function: str, after_ms: int, **matches: Any) -> dict[str, Any]:
    """A function that dies so long after an invocation began."""
    return fault("lambda", "Invoke", "kill_lambda", resource=f"*{function}*", after_ms=after_ms, **matches)
