"""Lambda behind PlanImport; approvals ask it whether a plan still fits."""

from __future__ import annotations

from typing import Any

from quicksight_migration.planning.plan_import import check_plan, plan_import
from quicksight_migration.worker import run
from quicksight_migration.worker_tools import worker_tools


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """{"jobId", "step", "attempt", "progress"} → the worker's answer.

    {"action": "check", "jobId"} → {"drifted", "changes": [{assetType, assetId, change}], "planHash"}.
    """
    tools = worker_tools().within(context)
    if event.get("action") == "check":
        return check_plan(tools, str(event["jobId"]))
    return run(event, lambda task: plan_import(tools, task))
