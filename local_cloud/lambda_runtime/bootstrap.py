"""The program inside an execution environment: imports the handler, then answers one invocation after the other.

It runs in the function's interpreter, where neither this repository nor ministack is installed, so it may import the
standard library only. Requests and answers are JSON lines on two pipes whose numbers are its arguments; standard output
and error belong to the function. Error payloads follow the Lambda developer guide, "Lambda function errors in Python".
"""

from __future__ import annotations

import importlib
import json
import os
import socket
import sys
import time
import traceback
from collections.abc import Callable
from decimal import Decimal
from types import ModuleType
from typing import Any

# Ends the output of one invocation; no function prints this by accident.
END_OF_OUTPUT = "\x01towpath-end\x01"


class Context:
    """The second argument of a handler."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.aws_request_id = request["request_id"]
        self.invoked_function_arn = request["function_arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = None
        self.client_context = None
        self._deadline = time.time() + request["seconds"]

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the invocation times out."""
        return max(0, int((self._deadline - time.time()) * 1000))


class InitError(Exception):
    """The handler cannot be loaded; `args` are Lambda's error type and message."""


def load(handler: str) -> Callable[[Any, Context], Any]:
    """The function behind `module.name` (or `folder/module.name`). Raises InitError."""
    module_name, _, name = handler.rpartition(".")
    module_name = module_name.replace("/", ".")
    try:
        module: ModuleType = importlib.import_module(module_name)
    except ImportError as error:
        raise InitError("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from error
    except SyntaxError as error:
        raise InitError("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}") from error
    if not hasattr(module, name):
        raise InitError("Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module_name}'")
    found: Callable[[Any, Context], Any] = getattr(module, name)
    return found


def describe(error: BaseException, request_id: str) -> dict[str, Any]:
    """Lambda's payload for an exception: its class is the error type, frames of this file are left out."""
    if isinstance(error, InitError):
        kind, message, frames = error.args[0], error.args[1], []
    else:
        own = traceback.extract_tb(error.__traceback__)
        frames = traceback.format_list([frame for frame in own if frame.filename != __file__])
        kind, message = type(error).__name__, str(error)
    return {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": frames}


def marshal(value: Any) -> str:
    """JSON as Lambda's runtime writes it. Raises InitError("Runtime.MarshalError") for what has no JSON."""

    def number(item: Any) -> float:
        if isinstance(item, Decimal):
            return float(item)
        raise TypeError(f"Object of type {type(item).__name__} is not JSON serializable")

    try:
        return json.dumps(value, default=number)
    except (TypeError, ValueError) as error:
        raise InitError("Runtime.MarshalError", f"Unable to marshal response: {error}") from error


def invoke(handler: Callable[[Any, Context], Any], request: dict[str, Any]) -> str:
    """One invocation: the JSON line of the answer."""
    if request["trace_id"]:
        os.environ["_X_AMZN_TRACE_ID"] = request["trace_id"]
    try:
        return '{"result": ' + marshal(handler(request["event"], Context(request))) + "}"
    except Exception as error:  # whatever a function raises is its answer
        problem = describe(error, request["request_id"])
        print(f"[ERROR] {problem['errorType']}: {problem['errorMessage']}", file=sys.stderr)
        print("Traceback (most recent call last):\n" + "".join(problem["stackTrace"]), file=sys.stderr)
        return json.dumps({"error": problem})


def resolve_localhost() -> None:
    """Names below `localhost` are this machine's (RFC 6761, section 6.3), whether or not its resolver knows that.

    Functions call APIs by such names, as they call them by those of execute-api on AWS.
    """
    resolve = socket.getaddrinfo

    def getaddrinfo(host: Any, *more: Any, **named: Any) -> Any:
        local = isinstance(host, str) and host.endswith(".localhost")
        return resolve("127.0.0.1" if local else host, *more, **named)

    socket.getaddrinfo = getaddrinfo


def main(requests_fd: int, answers_fd: int) -> None:
    """Says `{}` once the handler is loaded, then serves until the pipe of requests is closed."""
    for descriptor in (requests_fd, answers_fd):
        os.set_inheritable(descriptor, False)
    with open(requests_fd, encoding="utf-8") as requests, open(answers_fd, "w", encoding="utf-8") as answers:
        try:
            handler, first = load(os.environ["_HANDLER"]), "{}"
        except Exception as error:  # an import may fail in any way; the invocation reports it
            handler, first = None, json.dumps({"error": describe(error, "")})
        _answer(answers, first)
        for line in requests:
            if handler is None:
                break
            _answer(answers, invoke(handler, json.loads(line)))


def _answer(answers: Any, line: str) -> None:
    sys.stdout.flush()
    print(END_OF_OUTPUT, flush=True)
    answers.write(line + "\n")
    answers.flush()


if __name__ == "__main__":
    resolve_localhost()
    sys.path[:0] = json.loads(os.environ.pop("_TOWPATH_PATH"))
    main(int(sys.argv[1]), int(sys.argv[2]))
