"""Plugs our execution environments into ministack's Lambda."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.core import lambda_runtime as pool
from ministack.services import lambda_svc

from local_cloud.lambda_runtime.environment import ExecutionEnvironment
from local_cloud.lambda_runtime.lease import leased
from local_cloud.symbols import PatchedSymbol

_POOL = "ministack.core.lambda_runtime"
_SERVICE = "ministack.services.lambda_svc"
SYMBOLS = (
    PatchedSymbol(_POOL, "Worker", "a0bd1819a7040c1e"),
    PatchedSymbol(_POOL, "_worker_class_for", "b5a23849280af819"),
    PatchedSymbol(_POOL, "acquire_worker", "5017d144adb5b983"),
    PatchedSymbol(_POOL, "release_worker", "25d5dd7d42b6e30c"),
    PatchedSymbol(_POOL, "_worker_key", "0537100beb43da29"),
    PatchedSymbol(_POOL, "kill_workers", "56a6df63f9bd4859"),
    PatchedSymbol(_SERVICE, "_execute_function_warm", "62b9218bef5b948a"),
    PatchedSymbol(_SERVICE, "_resolve_layer_zip", "447d3c3ec42c50ad"),
)


def install() -> None:
    """Replaces the worker of Python functions and how its outcome becomes an answer."""
    worker_class: Callable[[dict[str, Any]], type] = pool._worker_class_for
    execute: Callable[..., dict[str, Any]] = lambda_svc._execute_function_warm

    def worker_class_for(config: dict[str, Any]) -> type:
        return ExecutionEnvironment if _is_python(config) else worker_class(config)

    def execute_function(function: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        config = function.get("config") or function
        if not _is_python(config) or not function.get("code_zip"):
            return execute(function, event, request_id)
        return _execute(function, config, event, request_id)

    pool._worker_class_for = worker_class_for
    lambda_svc._execute_function_warm = execute_function


def _is_python(config: dict[str, Any]) -> bool:
    return str(config.get("Runtime", "")).startswith("python")


def _execute(function: dict[str, Any], config: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
    lambda_svc._ensure_reaper_thread()
    with leased(config, function["code_zip"]) as lease:
        outcome = lease.environment.invoke(
            event,
            request_id,
            trace_id=lambda_svc._xray_trace_id_for_invocation(config),
            invoked_function_arn=config["FunctionArn"],
            started=lease.started,
        )
    if "error" in outcome:
        return {"body": outcome["error"], "error": True, "log": outcome["log"]}
    return {"body": outcome["result"], "log": outcome["log"]}
