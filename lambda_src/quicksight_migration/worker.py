"""What the machine hands a worker, and the answers it understands.

A worker says for itself what will not mend (FAILED); what may mend it raises, and the machine tries again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from quicksight_migration.accounts.quicksight_errors import quicksight_error
from shared.errors import TowpathError
from shared.observe import logger

SUCCEEDED, WAIT, FAILED, REPLAN, SKIPPED = "SUCCEEDED", "WAIT", "FAILED", "REPLAN", "SKIPPED"
#: An error's message goes into a record and to people.
MOST_MESSAGE = 1000

Answer = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """One step of one job. `progress` is what the worker last answered with WAIT in this attempt, empty at first."""

    job_id: str
    step: str
    attempt: int
    progress: Mapping[str, Any] = field(default_factory=dict)


def task_of(event: Mapping[str, Any]) -> Task:
    """{"jobId", "step", "attempt", "progress"} as the machine sends it."""
    return Task(str(event["jobId"]), str(event["step"]), int(event["attempt"]), dict(event.get("progress") or {}))


def succeeded(output: Mapping[str, Any] | None = None, target_state: str = "") -> Answer:
    """The step is over. `output` is at most 30 KB; what is bigger lies in S3 and is named by its key."""
    return _answer(SUCCEEDED, output=output or {}, targetState=target_state)


def skipped(reason: str, output: Mapping[str, Any] | None = None, target_state: str = "") -> Answer:
    """There was nothing to do; the output says why."""
    return _answer(SKIPPED, output={"reason": reason, **(output or {})}, targetState=target_state)


def wait(seconds: int, progress: Mapping[str, Any]) -> Answer:
    """Call again after so many seconds with this progress (at most 1 KB)."""
    return _answer(WAIT, seconds=max(1, int(seconds)), progress=dict(progress))


def replan(reason: str, output: Mapping[str, Any] | None = None) -> Answer:
    """The target is not as the plan found it: plan and approve anew."""
    return _answer(REPLAN, output={"reason": reason, **(output or {})})


def failed(code: str, message: str, details: Any = None, target_state: str = "") -> Answer:
    """The step has failed for good. `target_state` is named by those who may have changed the target."""
    error: dict[str, Any] = {"code": code, "message": message[:MOST_MESSAGE]}
    if details:
        error["details"] = details
    return _answer(FAILED, error=error, targetState=target_state)


def failed_by(error: TowpathError, target_state: str = "") -> Answer:
    """FAILED for an error of the taxonomy, under its code."""
    return failed(error.code, str(error), target_state=target_state)


def run(event: Mapping[str, Any], work: Callable[[Task], Answer]) -> Answer:
    """Does one step. Raises the taxonomy's retriable errors for the machine to try again."""
    task = task_of(event)
    logger.clear_state()
    logger.append_keys(jobId=task.job_id, step=task.step, attempt=task.attempt)
    try:
        answer = _tried(task, work)
    except TowpathError as error:
        if error.retriable:
            logger.warning("worker will be called again", error=error.code)
            raise
        answer = failed_by(error)
    logger.info("worker answers", state=answer["state"], error=answer.get("error"), progress=answer.get("progress"))
    return answer


def _tried(task: Task, work: Callable[[Task], Answer]) -> Answer:
    try:
        return work(task)
    except (ClientError, BotoCoreError) as error:
        raise quicksight_error(error, task.step) from error


def _answer(state: str, **members: Any) -> Answer:
    return {"state": state, **{name: value for name, value in members.items() if value not in (None, "")}}
