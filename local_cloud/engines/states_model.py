"""What a running state machine is made of: the execution, and the scope in which its states are run."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ministack.services import stepfunctions

from local_cloud.engines.states_errors import ExecutionError, Json
from local_cloud.engines.states_history import History
from local_cloud.engines.states_surroundings import Clock, Surroundings

# "Maximum input or output size for a task, state, or execution": 256 KiB of UTF-8 (Step Functions quotas).
PAYLOAD_LIMIT = 256 * 1024

State = dict[str, Any]


class Stopped(Exception):
    """Nobody needs the result any more: the execution was aborted, or another branch has failed."""


class TimedOut(Exception):
    """The execution as a whole has run for longer than it may."""


@dataclass(eq=False)
class Execution:
    """One execution of a state machine. `record` is ministack's own record of it, or its likeness for Express."""

    arn: str
    name: str
    machine_arn: str
    machine_name: str
    role_arn: str
    started_at: str
    input: Json
    history: History
    record: dict[str, Any]
    express: bool = False
    deadline: float | None = None
    mocked_result: Callable[[], Json] | None = None
    surroundings: Surroundings = field(default_factory=Surroundings)
    changed: threading.Condition = field(default_factory=threading.Condition)
    aborted: bool = False

    @property
    def clock(self) -> Clock:
        return self.surroundings.clock

    def abort(self) -> None:
        """Lets everything that waits give up."""
        with self.changed:
            self.aborted = True
            self.changed.notify_all()

    def notify(self) -> None:
        """Makes everybody who waits in `Scope.wait` look again."""
        with self.changed:
            self.changed.notify_all()

    def __deepcopy__(self, _: object) -> Execution:
        return self


@dataclass
class Group:
    """Branches or iterations that run side by side; the first failure ends all of them."""

    execution: Execution
    results: list[Json]
    left: int
    next: int = 0
    failure: BaseException | None = None

    def take(self) -> int | None:
        """The index of the next job, or None when there is none or a sibling has failed."""
        with self.execution.changed:
            if self.failure is not None or self.next >= len(self.results):
                return None
            self.next += 1
            return self.next - 1

    def finish(self, index: int, result: Json) -> None:
        with self.execution.changed:
            self.results[index] = result
            self.left -= 1
            self.execution.changed.notify_all()

    def fail(self, error: BaseException) -> None:
        with self.execution.changed:
            self.failure = self.failure or error
            self.execution.changed.notify_all()


@dataclass
class Scope:
    """Where a state runs: context object, variables, query language, and the groups it belongs to."""

    execution: Execution
    context: dict[str, Any]
    variables: dict[str, Json]
    language: str
    groups: tuple[Group, ...] = ()

    def language_of(self, state: State) -> str:
        return str(state.get("QueryLanguage", self.language))

    def child(self, group: Group, **context: Any) -> Scope:
        """A scope for one branch or iteration: it sees the variables so far and assigns its own."""
        return replace(
            self,
            context={**self.context, **context},
            variables=dict(self.variables),
            groups=(*self.groups, group),
        )

    def check(self) -> None:
        """Raises Stopped or TimedOut when there is no point in going on."""
        if self.execution.aborted or any(group.failure is not None for group in self.groups):
            raise Stopped
        if self.execution.deadline is not None and self.execution.clock.monotonic() >= self.execution.deadline:
            raise TimedOut

    def wait(self, ready: Callable[[], bool], seconds: float | None = None) -> bool:
        """Waits until `ready()`, at most `seconds`; returns its last answer. Raises like `check`."""
        clock = self.execution.clock
        until = None if seconds is None else clock.monotonic() + seconds
        with self.execution.changed:
            while not (answer := ready()):
                self.check()
                if until is not None and clock.monotonic() >= until:
                    break
                ends = [moment for moment in (until, self.execution.deadline) if moment is not None]
                clock.wait(self.execution.changed, min(ends, default=None))
        return answer

    def sleep(self, seconds: float) -> None:
        """Waits that long; SFN_WAIT_SCALE shortens it, as in ministack."""
        self.wait(lambda: False, seconds * stepfunctions._SFN_WAIT_SCALE)

    def run_all(self, jobs: Sequence[Callable[[Group], Json]], limit: int) -> list[Json]:
        """Runs the jobs, at most `limit` at a time; returns their results in order or raises the first failure."""
        group = Group(self.execution, [None] * len(jobs), len(jobs))
        for _ in range(min(limit, len(jobs))):
            self.execution.surroundings.start(partial(_work, group, jobs))
        self.wait(lambda: group.failure is not None or group.left == 0)
        if group.failure is not None:
            raise group.failure
        return group.results


def _work(group: Group, jobs: Sequence[Callable[[Group], Json]]) -> None:
    while (index := group.take()) is not None:
        try:
            group.finish(index, jobs[index](group))
        except BaseException as error:
            group.fail(error)


def check_size(value: Json, what: str) -> None:
    """Raises States.DataLimitExceeded when the JSON text of `value` is larger than AWS passes on."""
    if len(json.dumps(value, ensure_ascii=False).encode()) > PAYLOAD_LIMIT:
        raise ExecutionError(
            "States.DataLimitExceeded",
            f"The {what} returned a result with a size exceeding the maximum number of bytes service limit.",
        )
