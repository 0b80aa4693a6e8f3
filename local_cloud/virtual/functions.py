"""Lambda in virtual time: handlers called where they stand, in sandboxes that can be killed at any AWS call.

As documented for Lambda: an asynchronous invocation that fails is tried twice more, after one and two minutes; the
class of an exception is the error type; a sandbox that was killed is not used again.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from local_cloud.virtual.kernel import Kernel, Killed
from local_cloud.virtual.traffic import Sandbox, Traffic

Handler = Callable[[dict[str, Any], object], Any]
T = TypeVar("T")
RETRY_SECONDS = (60.0, 120.0)
START_SECONDS = (0.01, 0.4)


@dataclass
class Function:
    """`make` loads the handler as a cold start does; `idle` holds the warm ones."""

    name: str
    make: Callable[[], Handler]
    timeout: float
    idle: list[Handler] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    """What Invoke returns: the payload, and whether it describes an error."""

    payload: Any
    failed: bool = False


@dataclass
class Context:
    """What handlers and Powertools read of Lambda's context object."""

    function_name: str
    aws_request_id: str
    remaining: Callable[[], float]
    memory_limit_in_mb: int = 256

    def get_remaining_time_in_millis(self) -> int:
        """Until Lambda ends the invocation."""
        return round(self.remaining() * 1000)

    @property
    def invoked_function_arn(self) -> str:
        return f"arn:aws:lambda:eu-west-1:123456789012:function:{self.function_name}"


class Functions:
    """All functions of the cloud, by name. `failures` keeps what went wrong, as (time, function, error type, trace)."""

    def __init__(self, kernel: Kernel, traffic: Traffic) -> None:
        self._kernel = kernel
        self._traffic = traffic
        self._functions: dict[str, Function] = {}
        self._count = 0
        self.dead: dict[str, tuple[float, float]] = {}
        self.failures: list[tuple[float, str, str, str]] = []

    def add(self, name: str, make: Callable[[], Handler], timeout: float) -> None:
        self._functions[name] = Function(name, make, timeout)

    def invoke(self, name: str, payload: Any) -> Answer:
        """RequestResponse, inside the running actor. Names may be ARNs."""
        function = self._functions[name.rsplit(":", 1)[-1]]
        start, end = self.dead.get(function.name, (0.0, 0.0))
        if start <= self._kernel.now < end:
            return Answer({"errorType": "Runtime.ExitError", "errorMessage": "the function does not start"}, True)
        self._count += 1
        request = f"{self._count:08d}-0000-4000-8000-000000000000"
        self._kernel.sleep(self._kernel.random.uniform(*START_SECONDS))
        deadline = self._kernel.now + function.timeout
        context = Context(function.name, request, lambda: deadline - self._kernel.now)
        outer = self._traffic.enter(Sandbox(function.name, deadline))
        try:
            return self._run(function, payload, context)
        finally:
            self._traffic.enter(outer)

    def visit(self, name: str, seconds: float, work: Callable[[], T]) -> T:
        """Does something in a sandbox that is no function of ours. Raises what it raises, Killed as well."""
        outer = self._traffic.enter(Sandbox(name, self._kernel.now + seconds))
        try:
            return work()
        finally:
            self._traffic.enter(outer)

    def _run(self, function: Function, payload: Any, context: Context) -> Answer:
        handler = function.idle.pop() if function.idle else function.make()
        try:
            result = json.loads(json.dumps(handler(json.loads(json.dumps(payload)), context), default=float))
        except Killed as killed:
            kind = str(killed) or "Runtime.ExitError"
            self._note(function, kind)
            return Answer({"errorType": kind, "errorMessage": f"RequestId: {context.aws_request_id} ended"}, True)
        except Exception as error:
            self._note(function, type(error).__name__)
            function.idle.append(handler)
            return Answer({"errorType": type(error).__name__, "errorMessage": str(error), "stackTrace": []}, True)
        function.idle.append(handler)
        return Answer(result)

    def invoke_later(self, name: str, payload: Any, tries: int = 1 + len(RETRY_SECONDS)) -> None:
        """Event: returns at once, the function runs in an actor of its own and is tried again when it fails."""

        def work() -> None:
            if self.invoke(name, payload).failed and tries > 1:
                delay = RETRY_SECONDS[1 + len(RETRY_SECONDS) - tries]
                self._kernel.after(delay, lambda: self.invoke_later(name, payload, tries - 1))

        self._kernel.spawn(name, work)

    def _note(self, function: Function, kind: str) -> None:
        trace = "" if kind.startswith(("Runtime.", "Sandbox.")) else traceback.format_exc()
        self.failures.append((self._kernel.now, function.name, kind, trace))
