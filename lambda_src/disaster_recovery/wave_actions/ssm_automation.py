"""Runbooks of SSM Automation. The client token makes the start idempotent (API Reference, StartAutomationExecution)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from disaster_recovery.wave_actions.service import FAILED, RUNNING, SUCCEEDED, Progress, Task
from shared.aws_errors import classify, error_code
from shared.errors import NotFound, ValidationFailed

SUCCESSES = frozenset({"Success", "CompletedWithSuccess"})
FAILURES = frozenset(
    {"Failed", "TimedOut", "Cancelled", "Rejected", "CompletedWithFailure", "Exited", "ChangeCalendarOverrideRejected"}
)
ASSUME_ROLE = "AutomationAssumeRole"
INVALID = frozenset(
    {"InvalidAutomationExecutionParametersException", "AutomationDefinitionVersionNotFoundException", "InvalidTarget"}
)
MISSING = frozenset({"AutomationDefinitionNotFoundException", "AutomationExecutionNotFoundException"})


@dataclass(frozen=True)
class SsmAutomation:
    """`ssm` is a boto3 client; `role_arn` is handed to runbooks whose plan names no role."""

    ssm: Any
    role_arn: str = ""

    def advance(self, task: Task) -> Progress:
        """Starts the runbook, or reads how it stands."""
        try:
            return self._read(task.action.reference) if task.action.reference else self._start(task)
        except (ClientError, BotoCoreError) as error:
            raise _error(error, task) from error

    def _start(self, task: Task) -> Progress:
        answer = self.ssm.start_automation_execution(
            DocumentName=task.planned.arguments["documentName"],
            Parameters=parameters(task.planned.arguments.get("parameters", {}), self.role_arn),
            ClientToken=task.token,
        )
        return Progress(RUNNING, reference=str(answer["AutomationExecutionId"]))

    def _read(self, reference: str) -> Progress:
        answer = self.ssm.get_automation_execution(AutomationExecutionId=reference)["AutomationExecution"]
        status = str(answer["AutomationExecutionStatus"])
        if status in SUCCESSES:
            return Progress(SUCCEEDED, status, reference)
        if status in FAILURES:
            return Progress(FAILED, str(answer.get("FailureMessage") or status), reference)
        return Progress(RUNNING, status, reference)


def parameters(given: Mapping[str, Any], role_arn: str) -> dict[str, list[str]]:
    """As SSM wants them: a list of text for each. A single value of a plan becomes a list of one."""
    lists = {name: value if isinstance(value, list) else [value] for name, value in given.items()}
    wanted = {name: [str(each) for each in values] for name, values in lists.items()}
    return wanted if ASSUME_ROLE in wanted or not role_arn else {**wanted, ASSUME_ROLE: [role_arn]}


def _error(error: ClientError | BotoCoreError, task: Task) -> Exception:
    known = classify(error, f"action {task.planned.name}")
    if isinstance(error, ClientError) and error_code(error) in MISSING:
        return NotFound(str(known))
    if isinstance(error, ClientError) and error_code(error) in INVALID:
        return ValidationFailed(str(known))
    return known
