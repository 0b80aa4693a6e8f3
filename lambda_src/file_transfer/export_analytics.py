"""Lambda behind the streams of transfers, notifications and failures: their changes become rows for Athena."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from file_transfer.analytics.exporting import Exporter
from file_transfer.analytics.settings import read_settings
from file_transfer.observe import logger
from shared.aws_errors import classify
from shared.clients import client


@cache
def exporter() -> Exporter:
    """Made with the first batch and kept while the worker lives."""
    return Exporter(client("firehose"), read_settings())


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """A batch of one table's stream → `{"batchItemFailures": [{"itemIdentifier": sequence number}]}`.

    The stream delivers again from the first that failed; rows that were accepted then come twice, and are counted
    once by their id and revision.
    """
    logger.clear_state()
    try:
        failed = exporter().export(event["Records"])
    except (ClientError, BotoCoreError) as error:
        raise classify(error, "export of rows") from error
    logger.info("rows exported", changes=len(event["Records"]), failed=len(failed))
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}
