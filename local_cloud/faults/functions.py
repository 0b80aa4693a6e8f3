"""Functions whose process is killed in the middle of an invocation."""

from __future__ import annotations

from typing import Any

from local_cloud.faults.rules import IN_FORCE, ON_FUNCTIONS, Occasion
from local_cloud.lambda_runtime import environment
from local_cloud.symbols import PatchedSymbol

SYMBOLS: tuple[PatchedSymbol, ...] = ()  # only our own environments are involved


def install() -> None:
    """Lets rules decide about each invocation."""
    environment.kill_after = kill_after


def kill_after(config: dict[str, Any]) -> float | None:
    """Seconds after which the process of this invocation is to be killed, or None."""
    struck = IN_FORCE.decide(Occasion("lambda", "Invoke", config["FunctionArn"], ""), ON_FUNCTIONS)
    return struck.action["after_ms"] / 1000 if struck else None
