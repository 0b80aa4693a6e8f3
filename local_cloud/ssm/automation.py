"""Running Automation documents: step after step, in a thread of its own, until the end, a failure or a stop."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region

from local_cloud import aws_client
from local_cloud.aws_models.errors import ApiError
from local_cloud.faults.rules import IN_FORCE, ON_CALLS, Occasion
from local_cloud.ssm import documents, runbook
from local_cloud.ssm.runbook import Runbook, Step, Values

_ENDED = ("Success", "Failed", "TimedOut", "Cancelled")
STORE: Any = AccountRegionScopedDict()


class StepFailed(Exception):
    """A step that failed; the message is its FailureMessage."""


class StepTimedOut(StepFailed):
    """A step that took longer than its timeoutSeconds."""


class Stopped(Exception):
    """The execution was stopped."""


class Run:
    """One execution: `described` is what GetAutomationExecution shows of it."""

    def __init__(self, document: Values, version: str, parameters: dict[str, list[str]], principal: str) -> None:
        self.runbook: Runbook = runbook.parse(document["Versions"][version])
        self.values = runbook.bind(self.runbook, parameters)
        self.arn = f"arn:aws:ssm:{get_region()}:{get_account_id()}:automation-definition/{document['Name']}:{version}"
        self.role = _role_of(str(runbook.filled(self.runbook.role or "", self.values)) or principal)
        self.stopping = threading.Event()
        self.described: Values = {
            "AutomationExecutionId": str(uuid.uuid4()),
            "DocumentName": document["Name"],
            "DocumentVersion": version,
            "ExecutionStartTime": datetime.now(UTC),
            "AutomationExecutionStatus": "InProgress",
            "StepExecutions": [_planned(step) for step in self.runbook.steps.values()],
            "StepExecutionsTruncated": False,
            "Parameters": {name: [str(each) for each in _several(value)] for name, value in self.values.items()},
            "Mode": "Auto",
            "ExecutedBy": principal,
        }

    def run(self) -> None:
        """Runs the steps to the end."""
        name: str | None = next(iter(self.runbook.steps))
        try:
            while name is not None:
                name = self._step(self.runbook.steps[name])
            self._end("Success")
        except Stopped:
            self._end("Cancelled")
        except StepFailed as failure:
            self._end("TimedOut" if isinstance(failure, StepTimedOut) else "Failed", str(failure))

    def _end(self, status: str, failure: str = "") -> None:
        more = {"FailureMessage": failure} if failure else {}
        self.described.update(AutomationExecutionStatus=status, ExecutionEndTime=datetime.now(UTC), **more)

    def _step(self, step: Step) -> str | None:
        """Runs one step; returns the next one's name."""
        shown = next(one for one in self.described["StepExecutions"] if one["StepName"] == step.name)
        shown.update(StepStatus="InProgress", ExecutionStartTime=datetime.now(UTC))
        self.described.update(CurrentStepName=step.name, CurrentAction=step.action)
        try:
            outputs = self._attempts(step, shown)
        except StepFailed as failure:
            message = f"Step fails when it is {step.action}: {failure}"
            status = "TimedOut" if isinstance(failure, StepTimedOut) else "Failed"
            shown.update(StepStatus=status, FailureMessage=message, ExecutionEndTime=datetime.now(UTC))
            if step.on_failure == "Abort":
                raise type(failure)(message) from failure
            return step.following if step.on_failure == "Continue" else step.on_failure.removeprefix("step:")
        except Stopped:
            shown.update(StepStatus="Cancelled", ExecutionEndTime=datetime.now(UTC))
            raise
        self.values |= {f"{step.name}.{name}": value for name, value in outputs.items()}
        if outputs:
            shown["Outputs"] = {name: [str(each) for each in _several(value)] for name, value in outputs.items()}
        shown.update(StepStatus="Success", ExecutionEndTime=datetime.now(UTC))
        return step.following

    def _attempts(self, step: Step, shown: Values) -> Values:
        for attempt in range(1, step.attempts + 1):
            inputs = runbook.filled(step.inputs, self.values)
            shown["Inputs"] = {name: json.dumps(value) for name, value in inputs.items()}
            try:
                self._injected(step)
                return _ACTIONS[step.action](self, step, shown, inputs)
            except StepFailed:
                if attempt == step.attempts:
                    raise
        raise StepFailed("maxAttempts is 0")

    def _injected(self, step: Step) -> None:
        """Fails when a rule says so: service `ssm`, operation `RunAutomationStep`, the definition's ARN."""
        occasion = Occasion("ssm", "RunAutomationStep", f"{self.arn}/{step.name}", self.described["ExecutedBy"])
        struck = IN_FORCE.decide(occasion, ON_CALLS)
        if struck and struck.action["type"] == "latency":
            self.wait(struck.action["ms"] / 1000)
        elif struck:
            raise StepFailed(str(struck.action.get("code", struck.action["type"])))

    def wait(self, seconds: float) -> None:
        """Lets time pass. Raises Stopped."""
        if self.stopping.wait(seconds):
            raise Stopped


def _sleep(run: Run, step: Step, _shown: Values, inputs: Values) -> Values:
    try:
        if "Timestamp" in inputs:
            seconds = (datetime.fromisoformat(str(inputs["Timestamp"])) - datetime.now(UTC)).total_seconds()
        else:
            seconds = runbook.seconds_of(str(inputs.get("Duration", "")))
    except (TypeError, ValueError) as error:
        raise StepFailed(str(error)) from error
    if step.timeout is not None and seconds > step.timeout:
        run.wait(step.timeout)
        raise StepTimedOut(f"the step took longer than {step.timeout:g} seconds")
    run.wait(max(0.0, seconds))
    return {}


def _pause(run: Run, step: Step, shown: Values, _inputs: Values) -> Values:
    run.described["AutomationExecutionStatus"] = shown["StepStatus"] = "Waiting"
    run.wait(step.timeout if step.timeout is not None else threading.TIMEOUT_MAX)
    raise StepTimedOut("nobody let the automation go on")


def _invoke(run: Run, _step: Step, _shown: Values, inputs: Values) -> Values:
    payload = inputs.get("Payload", "{}")
    function = aws_client.client("lambda", run.role, "Automation")
    try:
        answer = function.invoke(
            FunctionName=inputs["FunctionName"], Payload=payload if isinstance(payload, str) else json.dumps(payload)
        )
    except (BotoCoreError, ClientError, KeyError) as error:
        raise StepFailed(str(error)) from error
    text = answer["Payload"].read().decode()
    if answer.get("FunctionError"):
        raise StepFailed(f"Lambda function returned FunctionError {answer['FunctionError']}: {text}")
    return {"StatusCode": answer["StatusCode"], "Payload": text}


_ACTIONS: dict[str, Callable[[Run, Step, Values, Values], Values]] = {
    "aws:sleep": _sleep,
    "aws:pause": _pause,
    "aws:invokeLambdaFunction": _invoke,
}


def start(request: Values, principal: str) -> Values:
    """StartAutomationExecution; with a ClientToken it starts one execution, however often it is called."""
    token = request.get("ClientToken")
    twin = next((run for run in STORE.values() if token and run.described.get("token") == token), None)
    if twin is not None:
        return {"AutomationExecutionId": twin.described["AutomationExecutionId"]}
    try:
        document = documents.find(request["DocumentName"])
        version = documents.version_of(document, request.get("DocumentVersion"))
    except ApiError as error:
        missing = "Version" in error.code
        code = f"AutomationDefinition{'Version' if missing else ''}NotFoundException"
        raise ApiError(code, error.message) from None
    run = Run(document, version, request.get("Parameters", {}), principal)
    run.described["token"] = token
    STORE[run.described["AutomationExecutionId"]] = run
    aws_client.spawn(run.run)
    return {"AutomationExecutionId": run.described["AutomationExecutionId"]}


def get(request: Values, _principal: str) -> Values:
    """GetAutomationExecution."""
    shown = _find(request["AutomationExecutionId"]).described
    return {"AutomationExecution": {name: value for name, value in shown.items() if name != "token"}}


def stop(request: Values, _principal: str) -> Values:
    """StopAutomationExecution: the running step is cancelled, or (Type Complete) is the last one."""
    run = _find(request["AutomationExecutionId"])
    if run.described["AutomationExecutionStatus"] in _ENDED:
        raise ApiError("InvalidAutomationStatusUpdateException", "The execution has ended already.")
    run.described["AutomationExecutionStatus"] = "Cancelling"
    run.stopping.set()
    return {}


def steps(request: Values, _principal: str) -> Values:
    """DescribeAutomationStepExecutions."""
    return {"StepExecutions": _find(request["AutomationExecutionId"]).described["StepExecutions"]}


def stop_all() -> None:
    """Ends every execution, when everything is forgotten."""
    for run in list(STORE._data.values()):
        run.stopping.set()


def _find(execution: str) -> Run:
    run: Run | None = STORE.get(execution)
    if run is None:
        raise ApiError("AutomationExecutionNotFoundException", f"Automation execution {execution} does not exist.")
    return run


def _planned(step: Step) -> Values:
    more = {} if step.timeout is None else {"TimeoutSeconds": int(step.timeout)}
    return {
        "StepName": step.name,
        "Action": step.action,
        "StepStatus": "Pending",
        "OnFailure": step.on_failure,
        "MaxAttempts": step.attempts,
        "StepExecutionId": str(uuid.uuid4()),
        **more,
    }


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _role_of(principal: str) -> str | None:
    """The role to act with: one that is named, or that of the caller's session; None for the administrator."""
    account, kind = principal.split(":")[4], principal.rsplit(":", maxsplit=1)[-1]
    if kind.startswith("assumed-role/"):
        return f"arn:aws:iam::{account}:role/{kind.split('/')[1]}"
    return principal if kind.startswith("role/") else None
