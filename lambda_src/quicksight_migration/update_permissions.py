"""Lambda behind UpdatePermissions."""

from __future__ import annotations

from typing import Any

from quicksight_migration.permissions.update_permissions import update_permissions
from quicksight_migration.worker import Answer, run
from quicksight_migration.worker_tools import worker_tools


def handler(event: dict[str, Any], context: Any) -> Answer:
    """{"jobId", "step", "attempt", "progress"} → the worker's answer."""
    tools = worker_tools().within(context)
    return run(event, lambda task: update_permissions(tools, task))
