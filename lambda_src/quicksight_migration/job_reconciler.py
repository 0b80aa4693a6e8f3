"""Lambda that makes up for what got lost: on a schedule, and when a state machine has ended (from a queue)."""

from __future__ import annotations

from functools import cache
from typing import Any

from quicksight_migration.machine.aws_tools import make_tools
from quicksight_migration.reconcile.reconciling import Reconciler
from quicksight_migration.settings import read_settings
from shared.observe import count, logger


@cache
def reconciler() -> Reconciler:
    """Made with the first event and kept while the worker lives."""
    return Reconciler(make_tools(read_settings(), count))


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """An SQS batch → `{"batchItemFailures": […]}`; any other event is the schedule's → `{"jobs": n}`."""
    logger.clear_state()
    if "Records" in event:
        again = reconciler().batch(event["Records"])
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}
    jobs = reconciler().sweep()
    count("JobsWatched", jobs)
    return {"jobs": jobs}
