"""Lambda behind drift reports: on a schedule, and when the API asks for one."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from quicksight_migration.accounts.quicksight_errors import quicksight_error
from quicksight_migration.drift.reporting import report_drift
from quicksight_migration.records.dynamo_store import DynamoStore
from quicksight_migration.worker_tools import worker_tools
from shared.clients import LazyClient, client
from shared.observe import logger


@cache
def report_store() -> DynamoStore:
    """The table, to write reports to: made once and kept while the worker lives."""
    settings = worker_tools().settings
    return DynamoStore(LazyClient(lambda: client("dynamodb")), settings.jobs_table, settings.retention_days)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """{"reportId"?, "sourceAccountId"?, "targetAccountId"?, "jobId"?} → {"reportId", "status", "counts"}."""
    logger.clear_state()
    logger.append_keys(reportId=event.get("reportId"))
    tools = worker_tools().within(context)
    try:
        answer = report_drift(tools, report_store(), event)
    except (ClientError, BotoCoreError) as error:
        raise quicksight_error(error, "drift report") from error
    logger.info("drift report made", **answer)
    return answer
