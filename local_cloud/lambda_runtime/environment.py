"""One execution environment: a process that serves one invocation at a time."""

from __future__ import annotations

import json
import os
import queue
import select
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ministack.services import lambda_svc

from local_cloud import aws_client, settings
from local_cloud.lambda_runtime import bootstrap, code

# For the import of the handler. Lambda gives 10 seconds, on a processor of its own; a busy laptop needs leeway.
INIT_SECONDS = 60.0
# How long to wait for output that a function's threads or children may still be writing.
OUTPUT_SECONDS = 0.25


def never_killed(_config: dict[str, Any]) -> float | None:
    """The process lives on."""
    return None


# Asked before each invocation; a number of seconds means that the process is killed that long after its start.
kill_after: Callable[[dict[str, Any]], float | None] = never_killed

_RESERVED = ("AWS_LAMBDA_", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION")


def interpreter() -> str:
    """The Python of functions: boto3 and nothing else, when it has been made; else the server's."""
    return str(settings.from_environment().lambda_python or sys.executable)


class ExecutionEnvironment:
    """Has the place and the interface of a Worker in ministack's pool, which leases it, reaps it and throws it away."""

    def __init__(self, function_name: str, config: dict[str, Any], code_zip: bytes) -> None:
        self.func_name, self.config, self.code_zip = function_name, config, code_zip
        self.in_use, self.last_used = False, time.time()
        self._lock = threading.Lock()
        self._proc: subprocess.Popen[bytes] | None = None
        self._printed: queue.Queue[str | None] = queue.Queue()
        self._requests = self._answers = -1

    def invoke(
        self,
        event: Any,
        request_id: str,
        *,
        trace_id: str | None = None,
        invoked_function_arn: str | None = None,
        started: Callable[[], None] = lambda: None,
        **_unused: Any,
    ) -> dict[str, Any]:
        """One invocation; starts the process when there is none, or only one that ended.

        `started` is called when the process is ready, or cannot be made ready.
        The outcome has `result` or `error` (Lambda's payload), and `log`, what the function printed.
        """
        with self._lock:
            outcome = self._start() if self._proc is None or self._proc.poll() is not None else {}
            started()
            if "error" not in outcome:
                seconds = float(self.config.get("Timeout", 3))
                request = {
                    "event": event,
                    "request_id": request_id,
                    "function_arn": invoked_function_arn or self.config["FunctionArn"],
                    "trace_id": trace_id,
                    "seconds": seconds,
                }
                outcome = self._exchange(request, seconds)
            outcome["log"] = "\n".join(self._output())
            if "error" in outcome:
                outcome["error"].setdefault("requestId", request_id)
            return outcome

    def _exchange(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        killer = None
        if self._proc and (delay := kill_after(self.config)) is not None:
            killer = threading.Timer(delay, self._proc.kill)
            killer.start()
        try:
            _write(self._requests, (json.dumps(request) + "\n").encode())
            answer: bytes | None = self._read(seconds)
        except BrokenPipeError:
            answer = b""
        finally:
            if killer:
                killer.cancel()
        request_id = request["request_id"]
        if answer is None:
            self._end()
            message = f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"
            return {"error": {"errorMessage": message, "errorType": "Sandbox.Timedout"}}
        if not answer:
            status = self._end()
            reason = f"signal: {-status}" if status < 0 else f"exit status {status}"
            message = f"RequestId: {request_id} Error: Runtime exited with error: {reason}"
            return {"error": {"errorMessage": message, "errorType": "Runtime.ExitError"}}
        outcome: dict[str, Any] = json.loads(answer)
        return outcome

    def _start(self) -> dict[str, Any]:
        """Starts the process and waits for the handler's import; an `error` is that of the import."""
        task_root = code.unpacked(self.code_zip)
        path = [str(task_root), *_layer_paths(self.config)]
        requests, self._requests = os.pipe()
        self._answers, answers = os.pipe()
        self._proc = subprocess.Popen(
            [interpreter(), "-I", "-u", bootstrap.__file__, str(requests), str(answers)],
            cwd=task_root,
            env={**variables(self.config, task_root), "_TOWPATH_PATH": json.dumps(path)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(requests, answers),
        )
        os.close(requests)
        os.close(answers)
        self._printed = queue.Queue()
        threading.Thread(target=_collect, args=(self._proc.stdout, self._printed), daemon=True).start()
        answer = self._read(INIT_SECONDS)
        outcome: dict[str, Any] = json.loads(answer) if answer else {"error": _init_failure(answer)}
        if "error" in outcome:
            self._end()
        else:
            self._output()  # what the import printed is not part of an invocation
        return outcome

    def _read(self, seconds: float) -> bytes | None:
        """The next line; b"" when the process has ended, None when nothing came in time."""
        deadline, line = time.monotonic() + seconds, b""
        poll = select.poll()
        poll.register(self._answers, select.POLLIN)
        while not line.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0 or not poll.poll(left * 1000):
                return None
            part = os.read(self._answers, 1 << 20)
            if not part:
                return b""
            line += part
        return line

    def _output(self) -> list[str]:
        """The lines that the function printed since the last time."""
        lines: list[str] = []
        try:
            while (line := self._printed.get(timeout=OUTPUT_SECONDS)) is not None:
                text, end, _ = line.partition(bootstrap.END_OF_OUTPUT)
                lines += [text] if text or not end else []
                if end:
                    break
        except queue.Empty:
            pass
        return lines

    def _end(self) -> int:
        process, self._proc = self._proc, None
        self._close_pipes()
        if process is None:  # thrown away meanwhile, because the function was changed or deleted
            return 0
        process.kill()
        return process.wait()

    def _close_pipes(self) -> None:
        for descriptor in (self._requests, self._answers):
            if descriptor >= 0:
                os.close(descriptor)
        self._requests = self._answers = -1

    def _discard_tmpdir(self) -> None:
        # Called after the process was told to end. An invocation that is under way notices and closes the pipes itself.
        if self._lock.acquire(blocking=False):
            self._close_pipes()
            self._lock.release()

    def _spawn(self) -> None:
        problem = self._start().get("error")
        if problem:
            raise RuntimeError(problem["errorMessage"])


def variables(config: dict[str, Any], task_root: Path) -> dict[str, str]:
    """The environment of a function: Lambda's own variables, the session of its role, and what it was configured with.

    AWS_ENDPOINT_URL is the one thing that Lambda does not set: it leads back here.
    """
    name, version = config["FunctionName"], config.get("Version", "$LATEST")
    region = config["FunctionArn"].split(":")[3]
    stream = f"{datetime.now(UTC):%Y/%m/%d}/[{version}]{uuid.uuid4().hex}"
    logging = config.get("LoggingConfig") or {}
    configured = (config.get("Environment") or {}).get("Variables") or {}
    key, secret, token = aws_client.session(config["Role"], name)
    return {
        "PATH": os.defpath,
        "HOME": str(code.home()),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        **{name: value for name, value in configured.items() if not name.startswith(_RESERVED)},
        "AWS_ENDPOINT_URL": aws_client.endpoint_url(),
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{config['Runtime']}",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_SESSION_TOKEN": token,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
        "AWS_LAMBDA_LOG_GROUP_NAME": logging.get("LogGroup") or f"/aws/lambda/{name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "LAMBDA_TASK_ROOT": str(task_root),
        "_HANDLER": config["Handler"],
    }


def _layer_paths(config: dict[str, Any]) -> list[str]:
    """Where Python finds the layers: `python` and `python/lib/python3.x/site-packages`, the last layer first."""
    paths = []
    for layer in reversed(config.get("Layers") or []):
        archive = lambda_svc._resolve_layer_zip(layer)
        if archive:
            root = code.unpacked(archive) / "python"
            paths += [root, *root.glob("lib/python3.*/site-packages")]
    return [str(path) for path in paths]


def _init_failure(answer: bytes | None) -> dict[str, Any]:
    if answer is None:
        return {"errorMessage": f"Init timed out after {INIT_SECONDS:.2f} seconds", "errorType": "Sandbox.Timedout"}
    return {"errorMessage": "Runtime exited during init", "errorType": "Runtime.ExitError"}


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _collect(stream: Any, lines: queue.Queue[str | None]) -> None:
    for line in stream:
        lines.put(line.decode(errors="replace").rstrip("\n"))
    lines.put(None)
