"""Every AWS call that is made inside the virtual cloud passes here: it takes time, is counted, and may go wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local_cloud.virtual.kernel import Actor, Kernel, Killed

# Seconds from request to service and from service to answer; a guess that keeps calls of two callers interleaving.
LATENCY = (0.002, 0.03)
API = "api"


@dataclass
class Sandbox:
    """The function invocation an actor is in; after `deadline` Lambda ends it."""

    function: str
    deadline: float


@dataclass(frozen=True)
class Call:
    """One API call. `number` counts the calls of the same function (or of people, `API`) from 1."""

    service: str
    operation: str
    caller: str
    number: int
    parameters: Mapping[str, Any]
    at: float


Hook = Callable[[Call], None]


@dataclass
class Traffic:
    """Hooks in `before` and `after` may raise (Killed, a botocore error) or let time pass; `calls` counts by caller."""

    kernel: Kernel
    latency: tuple[float, float] = LATENCY
    before: list[Hook] = field(default_factory=list)
    after: list[Hook] = field(default_factory=list)
    calls: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    _numbers: Counter[str] = field(default_factory=Counter)
    _sandboxes: dict[Actor, Sandbox] = field(default_factory=dict)

    @property
    def sandbox(self) -> Sandbox | None:
        """Where the running actor is; None for people and outside of all actors."""
        actor = self.kernel.current
        return None if actor is None else self._sandboxes.get(actor)

    def enter(self, sandbox: Sandbox | None) -> Sandbox | None:
        """Puts the running actor into a sandbox (or out of all); returns the one it was in."""
        actor = self.kernel.current
        if actor is None:
            return None
        before = self._sandboxes.pop(actor, None)
        if sandbox is not None:
            self._sandboxes[actor] = sandbox
        return before

    def through(self, service: str, operation: str, parameters: Mapping[str, Any], work: Callable[[], Any]) -> Any:
        """Makes the call `work`. Raises what it raises, and what a fault makes of it."""
        sandbox = self.sandbox
        caller = sandbox.function if sandbox else API
        self._numbers[caller] += 1
        self.calls[caller, service, operation] += 1
        call = Call(service, operation, caller, self._numbers[caller], parameters, self.kernel.now)
        self.pass_time(self.kernel.random.uniform(*self.latency))
        for hook in self.before:
            hook(call)
        answer = work()
        for hook in self.after:
            hook(call)
        self.pass_time(self.kernel.random.uniform(*self.latency))
        return answer

    def pass_time(self, seconds: float) -> None:
        """Time passes inside a call; Lambda ends the sandbox when it has had its time."""
        sandbox = self.sandbox
        if sandbox is None or self.kernel.now + seconds < sandbox.deadline:
            self.kernel.sleep(seconds)
            return
        self.kernel.sleep(sandbox.deadline - self.kernel.now)
        raise Killed("Sandbox.Timedout")

    def total(self) -> dict[str, int]:
        """Calls by service, most first."""
        services: Counter[str] = Counter()
        for (_, service, _), count in self.calls.items():
            services[service] += count
        return dict(services.most_common())
