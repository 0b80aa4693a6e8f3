"""Plugs our execution environments into ministack's Lambda."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from ministack.core import lambda_runtime as pool
from ministack.services import lambda_svc

from local_cloud.lambda_runtime.environment import ExecutionEnvironment
from local_cloud.symbols import PatchedSymbol

_POOL = "ministack.core.lambda_runtime"
_SERVICE = "ministack.services.lambda_svc"
SYMBOLS = (
    PatchedSymbol(_POOL, "Worker", "a0bd1819a7040c1e"),
    PatchedSymbol(_POOL, "_worker_class_for", "b5a23849280af819"),
    PatchedSymbol(_POOL, "acquire_worker", "5017d144adb5b983"),
    PatchedSymbol(_POOL, "kill_workers", "56a6df63f9bd4859"),
    PatchedSymbol(_SERVICE, "_execute_function_warm", "62b9218bef5b948a"),
    PatchedSymbol(_SERVICE, "_resolve_layer_zip", "447d3c3ec42c50ad"),
)
# Beyond this many environments of one function, an invocation first waits a little for one to become free: on a small
# machine starting yet another interpreter delays everybody more than waiting does. It never waits for good, since the
# busy ones may be waiting for this very invocation.
_EAGER = 2 * (os.cpu_count() or 1)
_PATIENCE_SECONDS = 0.2
_LOOK_SECONDS = 0.002


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
    name, version = config["FunctionName"], config.get("Version", "$LATEST")
    lambda_svc._ensure_reaper_thread()
    _wait_for_a_free_one(pool._worker_key(name, config, version))
    environment, _ = pool.acquire_worker(name, config, function["code_zip"], qualifier=version)
    try:
        outcome = environment.invoke(
            event,
            request_id,
            trace_id=lambda_svc._xray_trace_id_for_invocation(config),
            invoked_function_arn=config["FunctionArn"],
        )
    finally:
        pool.release_worker(environment)
    if "error" in outcome:
        return {"body": outcome["error"], "error": True, "log": outcome["log"]}
    return {"body": outcome["result"], "log": outcome["log"]}


def _wait_for_a_free_one(key: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        environments = pool._workers.get(key, [])
        if len(environments) < _EAGER or any(not one.in_use for one in environments):
            return
        time.sleep(_LOOK_SECONDS)
