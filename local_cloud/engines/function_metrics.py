"""AWS/Lambda of every invocation, whoever makes it; ministack counts those that come over the Invoke API only."""

from __future__ import annotations

import time
from typing import Any

from ministack.services import cloudwatch, lambda_svc

from local_cloud.symbols import PatchedSymbol

_MODULE = "ministack.services.lambda_svc"
SYMBOLS = (
    PatchedSymbol(_MODULE, "_execute_function", "3ceb16d6480a2161"),
    PatchedSymbol(_MODULE, "_emit_lambda_metrics", "3b6689d77cf6f1e4"),
)


def install() -> None:
    """Counts where functions are executed, and no longer where they are called."""
    execute = lambda_svc._execute_function

    def counted(function: dict[str, Any], event: Any, *more: Any, **named: Any) -> Any:
        begun = time.monotonic()
        result = execute(function, event, *more, **named)
        name = (function.get("config") or function).get("FunctionName", "")
        _record(name, result, (time.monotonic() - begun) * 1000)
        return result

    lambda_svc._execute_function = counted
    lambda_svc._emit_lambda_metrics = _nothing


def _record(name: str, result: dict[str, Any], milliseconds: float) -> None:
    dimensions = {"FunctionName": name}
    throttled = bool(result.get("throttle"))
    cloudwatch.record_metric("AWS/Lambda", "Throttles", int(throttled), "Count", dimensions)
    if throttled:  # "Invocation requests that are throttled … don't count as Invocations or Errors"
        return
    cloudwatch.record_metric("AWS/Lambda", "Invocations", 1, "Count", dimensions)
    cloudwatch.record_metric("AWS/Lambda", "Errors", int(bool(result.get("error"))), "Count", dimensions)
    cloudwatch.record_metric("AWS/Lambda", "Duration", milliseconds, "Milliseconds", dimensions)


def _nothing(*_: Any, **__: Any) -> None:
    """Instead of ministack's own counting."""
