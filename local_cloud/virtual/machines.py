"""Step Functions in virtual time: the real interpreter, one actor an execution, and the API around it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local_cloud.aws_models.errors import ApiError
from local_cloud.engines.states_errors import ExecutionError
from local_cloud.engines.states_executions import Outcome, walk
from local_cloud.engines.states_history import History, wanted_at
from local_cloud.engines.states_model import Execution
from local_cloud.engines.states_surroundings import Surroundings, Work
from local_cloud.engines.states_tokens import TokenRefused, Tokens
from local_cloud.virtual.functions import Functions
from local_cloud.virtual.kernel import Kernel, KernelClock, Signal

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_RUNNING = "RUNNING"


def render(path: Path, values: Mapping[str, object]) -> dict[str, Any]:
    """The machine of an `asl/*.asl.json` file with its placeholders filled, as Terraform's templatefile does."""
    text = _PLACEHOLDER.sub(lambda found: str(values[found[1]]), path.read_text(encoding="utf-8"))
    machine: dict[str, Any] = json.loads(text)
    return machine


@dataclass
class Run:
    """One execution: `outcome` is None while it runs; `ended` in seconds of virtual time."""

    execution: Execution
    text: str
    started: datetime
    outcome: Outcome | None = None
    ended: float | None = None

    @property
    def status(self) -> str:
        return self.outcome.status if self.outcome else _RUNNING

    @property
    def events(self) -> list[dict[str, Any]]:
        return self.execution.history.events


@dataclass
class Machine:
    """One Standard state machine and its executions by ARN. `call` is its API, for clients of `stepfunctions`.

    `watchers` see each run when it begins and when it has ended.
    """

    kernel: Kernel
    functions: Functions
    definition: dict[str, Any]
    arn: str
    role_arn: str = "arn:aws:iam::123456789012:role/virtual"
    runs: dict[str, Run] = field(default_factory=dict)
    tokens: Tokens = field(default_factory=Tokens)
    watchers: list[Callable[[Run], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._surroundings = Surroundings(
            clock=KernelClock(self.kernel),
            call_api=self._call_api,
            start=self._start_work,
            tokens=self.tokens,
            random=self.kernel.random,
        )

    @property
    def name(self) -> str:
        return self.arn.rsplit(":", 1)[-1]

    def call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """StartExecution, DescribeExecution, StopExecution and the three answers to a task's token."""
        try:
            answer: dict[str, Any] = _OPERATIONS[operation](self, parameters)
        except KeyError:
            raise ApiError("UnknownOperationException", operation) from None
        except TokenRefused as refused:
            raise ApiError(refused.code, refused.message) from None
        return answer

    def _start(self, parameters: dict[str, Any]) -> dict[str, Any]:
        text, name = parameters.get("input", "{}"), parameters["name"]
        arn = self.arn.replace(":stateMachine:", ":execution:") + f":{name}"
        twin = self.runs.get(arn)
        if twin is not None:
            if twin.status == _RUNNING and twin.text == text:
                return {"executionArn": arn, "startDate": twin.started}
            raise ApiError("ExecutionAlreadyExists", f"Execution Already Exists: '{arn}'")
        timestamp = self._surroundings.timestamp
        execution = Execution(
            arn=arn,
            name=name,
            machine_arn=self.arn,
            machine_name=self.name,
            role_arn=self.role_arn,
            started_at=timestamp(),
            input=json.loads(text),
            history=History([], wanted_at("ALL"), timestamp),
            record={},
            surroundings=self._surroundings,
            changed=Signal(self.kernel),
        )
        execution.history.add("ExecutionStarted", lambda: {"input": text, "roleArn": self.role_arn})
        self.runs[arn] = Run(execution, text, self.kernel.utc().astimezone(UTC))
        self._tell(self.runs[arn])
        self.kernel.spawn(name, lambda: self._walk(self.runs[arn]))
        return {"executionArn": arn, "startDate": self.runs[arn].started}

    def _walk(self, run: Run) -> None:
        outcome = walk(run.execution, self.definition)
        endings = {"SUCCEEDED": "ExecutionSucceeded", "FAILED": "ExecutionFailed", "TIMED_OUT": "ExecutionTimedOut"}
        details = {"output": outcome.output} if outcome.output is not None else outcome.failure
        run.execution.history.add(endings.get(outcome.status, "ExecutionAborted"), lambda: details)
        run.outcome, run.ended = outcome, self.kernel.now
        self._tell(run)

    def _tell(self, run: Run) -> None:
        for watcher in self.watchers:
            watcher(run)

    def _describe(self, parameters: dict[str, Any]) -> dict[str, Any]:
        run = self._find(parameters)
        answer: dict[str, Any] = {
            "executionArn": run.execution.arn,
            "stateMachineArn": self.arn,
            "name": run.execution.name,
            "status": run.status,
            "startDate": run.started,
            "input": run.text,
        }
        if run.outcome is not None:
            answer |= run.outcome.failure
            answer |= {"output": run.outcome.output} if run.outcome.output is not None else {}
        return answer

    def _stop(self, parameters: dict[str, Any]) -> dict[str, Any]:
        run = self._find(parameters)
        if run.status == _RUNNING:
            run.execution.abort()
        return {"stopDate": self.kernel.utc()}

    def _find(self, parameters: dict[str, Any]) -> Run:
        arn = parameters["executionArn"]
        if not arn.startswith("arn:"):
            raise ApiError("InvalidArn", f"Invalid Arn: '{arn}'")
        if arn not in self.runs:
            raise ApiError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
        return self.runs[arn]

    def _succeed(self, parameters: dict[str, Any]) -> dict[str, Any]:
        self.tokens.succeed(parameters["taskToken"], parameters["output"])
        return {}

    def _fail(self, parameters: dict[str, Any]) -> dict[str, Any]:
        self.tokens.fail(parameters["taskToken"], parameters.get("error", ""), parameters.get("cause", ""))
        return {}

    def _beat(self, parameters: dict[str, Any]) -> dict[str, Any]:
        self.tokens.heartbeat(parameters["taskToken"])
        return {}

    def _start_work(self, work: Work) -> None:
        self.kernel.spawn("task", work)

    def _call_api(self, execution: Execution, service: str, action: str, arguments: Any, naming: Any = None) -> Any:
        """The only call that our machine makes: Lambda's Invoke."""
        if (service, action) != ("lambda", "invoke"):
            raise ExecutionError("States.Runtime", f"{service}:{action} is not part of the virtual cloud")
        answer = self.functions.invoke(arguments["FunctionName"], json.loads(arguments["Payload"]))
        failure = {"FunctionError": "Unhandled"} if answer.failed else {}
        return {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": json.dumps(answer.payload), **failure}


_OPERATIONS = {
    "StartExecution": Machine._start,
    "DescribeExecution": Machine._describe,
    "StopExecution": Machine._stop,
    "SendTaskSuccess": Machine._succeed,
    "SendTaskFailure": Machine._fail,
    "SendTaskHeartbeat": Machine._beat,
}
