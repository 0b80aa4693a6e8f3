"""EventBridge Pipes with SQS sources.

ministack 1.5.33 runs pipes from DynamoDB streams only and forgets their parameters. Here the API keeps what it was
given, and every pipe that reads a queue has a runner while it is RUNNING, also after a restart.
"""

from __future__ import annotations

import json
import re
import threading
from typing import Any
from urllib.parse import unquote

from ministack.core.responses import request_scope
from ministack.services import pipes

from local_cloud import aws_client
from local_cloud.engines import sqs_batch_actions, wake
from local_cloud.engines.pipe_runner import runner_of
from local_cloud.symbols import PatchedSymbol

SYMBOLS = (
    PatchedSymbol("ministack.services.pipes", "handle_request", "4b9ee7de83fcda47"),
    PatchedSymbol("ministack.services.pipes", "_describe_response", "e61aa7f552c0159f"),
    PatchedSymbol("ministack.services.pipes", "load_persisted_state", "ac020a55bd34fbee"),
    PatchedSymbol("ministack.services.pipes", "_poll_pipe", "9af42fb9df0952c3"),
    PatchedSymbol("ministack.services.sqs", "_queue_by_arn", "b4981875c8186c19"),
    *wake.SYMBOLS,
    *sqs_batch_actions.SYMBOLS,
)

_KEPT = (
    "SourceParameters",
    "TargetParameters",
    "Enrichment",
    "EnrichmentParameters",
    "LogConfiguration",
    "KmsKeyIdentifier",
)
_PIPE_PATH = re.compile(r"/v1/pipes/([^/]+)")
_runners: dict[tuple[str, str, str], dict[str, Any]] = {}
_starting = threading.Lock()


def start_runners() -> None:
    """Starts a runner for every running pipe on a queue that has none."""
    with _starting:
        for key, pipe in list(pipes._pipes.all_items()):
            wanted = ":sqs:" in pipe["Source"] and pipe.get("CurrentState") == "RUNNING"
            if wanted and _runners.get(key) is not pipe:
                _runners[key] = pipe
                account, region, _ = key
                with request_scope(account, region):
                    aws_client.spawn(_run, key, pipe)


def _run(key: tuple[str, str, str], pipe: dict[str, Any]) -> None:
    try:
        runner_of(pipe, lambda: pipes._pipes.get_scoped(*key) is pipe).run()
    finally:
        with _starting:
            if _runners.get(key) is pipe:
                del _runners[key]
    start_runners()  # it may have been started again while this runner was ending


def install() -> None:
    """Wraps the Pipes API; runners start with the pipes."""
    wake.install()
    sqs_batch_actions.install()
    handle, describe, restore = pipes.handle_request, pipes._describe_response, pipes.load_persisted_state

    def describe_with_parameters(pipe: dict[str, Any]) -> dict[str, Any]:
        return {**describe(pipe), **{name: pipe[name] for name in _KEPT if pipe.get(name)}}

    async def handle_and_run(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Any:
        answer = await handle(method, path, headers, body, query)
        if answer[0] < 300 and path.startswith("/v1/pipes/") and method != "GET":  # noqa: PLR2004
            named = _PIPE_PATH.fullmatch(path)
            if named and method in ("POST", "PUT"):
                _keep(unquote(named[1]), json.loads(body or b"{}"))
            start_runners()
            wake.notify()
        return answer

    def restore_and_run(state: Any) -> None:
        restore(state)
        start_runners()

    pipes.handle_request = handle_and_run
    pipes._describe_response = describe_with_parameters
    pipes.load_persisted_state = restore_and_run


def _keep(name: str, request: dict[str, Any]) -> None:
    pipe = pipes._pipes.get(name)
    if pipe is not None:
        pipe.update({field: request[field] for field in _KEPT if field in request})
