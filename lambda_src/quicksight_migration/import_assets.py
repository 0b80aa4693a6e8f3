"""Lambda behind ImportAssets: stages and imports the bundles of a job, or looks how that goes on."""

from __future__ import annotations

from typing import Any

from quicksight_migration.bundles.importing import import_assets
from quicksight_migration.worker import Answer, run
from quicksight_migration.worker_tools import worker_tools


def handler(event: dict[str, Any], context: Any) -> Answer:
    """{"jobId", "step", "attempt", "progress"} → the worker's answer."""
    tools = worker_tools().within(context)
    return run(event, lambda task: import_assets(tools, task))
