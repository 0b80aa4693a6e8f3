"""Lambda that makes all transitions of jobs: one action of one job for each invocation of the machine."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from quicksight_migration.machine.actions import carry_out
from quicksight_migration.machine.aws_tools import make_tools
from quicksight_migration.machine.tools import Tools
from quicksight_migration.settings import read_settings
from shared.aws_errors import classify
from shared.observe import count, logger


@cache
def worker_tools() -> Tools:
    """Made with the first action and kept while the worker lives."""
    return make_tools(read_settings(), count)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """{"action", "jobId", "runNumber", "step"?, "attempt"?, "result"?, …} → {"next", "step", "attempt", "status"}."""
    logger.clear_state()
    logger.append_keys(jobId=event.get("jobId"), step=event.get("step"), attempt=event.get("attempt"))
    answer = run(worker_tools(), event)
    logger.info("action done", action=event["action"], answer=answer)
    return answer


def run(tools: Tools, event: dict[str, Any]) -> dict[str, Any]:
    """Carries out one action. Raises the taxonomy's errors, which the machine tries again."""
    try:
        return carry_out(tools, event)
    except (ClientError, BotoCoreError) as error:
        raise classify(error, str(event["action"])) from error
