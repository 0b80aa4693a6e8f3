"""The history events of one attempt at a task, as GetExecutionHistory of AWS shows them.

`TaskScheduled, TaskStarted, [TaskSubmitted,] TaskSucceeded | TaskFailed | TaskTimedOut` for service integrations, the
same with `LambdaFunction` and `Activity` for those two kinds of resource.
"""

from __future__ import annotations

import json
from typing import Any

from local_cloud.engines import states_integrations
from local_cloud.engines.states_errors import TIMEOUT, ExecutionError, Json
from local_cloud.engines.states_history import WHOLE_INPUT, WHOLE_OUTPUT, History


class TaskEvents:
    """Writes the events of one attempt; `limits` are TimeoutSeconds and HeartbeatSeconds."""

    def __init__(self, history: History, resource: str, limits: tuple[float | None, float | None]) -> None:
        self._history, self._resource, self._limits = history, resource, limits
        self._kind, self._named = _kind_of(resource)

    def scheduled(self, arguments: Json, region: str) -> None:
        """The arguments are known."""
        timed = zip(("timeoutInSeconds", "heartbeatInSeconds"), self._limits, strict=True)
        limits = {name: int(seconds) for name, seconds in timed if seconds is not None}
        if self._kind == "LambdaFunction":
            limits.pop("heartbeatInSeconds", None)

        def details() -> dict[str, Any]:
            if self._kind == "Task":
                return {**self._named, "parameters": json.dumps(arguments), "region": region, **limits}
            return {"resource": self._resource, "input": json.dumps(arguments), **WHOLE_INPUT, **limits}

        self._history.add(f"{self._kind}Scheduled", details)

    def started(self) -> None:
        """The service is being called."""
        self._history.add(f"{self._kind}Started", lambda: self._named)

    def submitted(self, answer: Json) -> None:
        """The service has answered; now somebody else has to."""
        self._history.add("TaskSubmitted", lambda: {**self._named, "output": json.dumps(answer), **WHOLE_OUTPUT})

    def succeeded(self, result: Json) -> None:
        """The task has its result."""
        self._history.add(
            f"{self._kind}Succeeded", lambda: {**self._named, "output": json.dumps(result), **WHOLE_OUTPUT}
        )

    def failed(self, error: ExecutionError) -> None:
        """The attempt has failed, or taken too long."""
        timed_out = error.error == TIMEOUT
        described = {"error": error.error, **({"cause": error.cause} if error.cause else {})}
        self._history.add(f"{self._kind}{'TimedOut' if timed_out else 'Failed'}", lambda: {**self._named, **described})


def _kind_of(resource: str) -> tuple[str, dict[str, str]]:
    action = states_integrations.action(resource)
    if action is not None:
        return "Task", {"resource": action, "resourceType": states_integrations.resource_type(resource)}
    return ("Activity" if ":activity:" in resource else "LambdaFunction"), {}
