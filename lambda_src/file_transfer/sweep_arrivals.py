"""Lambda behind the sweep's schedule: finds arrivals that no event announced and transfers that stand still."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from file_transfer.intake.judgement import Judge
from file_transfer.observe import logger
from file_transfer.settings import read_settings
from file_transfer.sweep.arrivals import Arrivals
from file_transfer.sweep.pipe import Pipe
from file_transfer.sweep.place import Places
from file_transfer.sweep.records import Records
from file_transfer.sweep.sweeper import Sweeper
from file_transfer.sweep.upload_log import UploadLog
from file_transfer.sweep.versions import Listing
from file_transfer.workflows.lookup import WorkflowLookup
from shared.aws_errors import classify
from shared.clients import Clients, client
from shared.clock import utc_now
from shared.sqs import Queue


@cache
def sweeper() -> Sweeper:
    """Made with the first run and kept while the worker lives."""
    settings = read_settings()
    clients = Clients()
    bucket = settings.watched.bucket
    lookup = WorkflowLookup(clients.dynamodb, settings.workflow_table, settings.workflow_cache_seconds)
    records = Records(clients.dynamodb, settings.status_table)
    log = UploadLog(client("logs"), settings.sftp_log_groups)
    return Sweeper(
        settings=settings,
        places=Places(clients.dynamodb, settings.control_table, bucket),
        listing=Listing(clients.s3, bucket, settings.watched.prefixes),
        arrivals=Arrivals(settings, Judge(settings, lookup), records, log),
        records=records,
        queue=Queue(client("sqs"), settings.queue_url),
        pipe=Pipe(client("pipes"), settings.pipe_name),
        clock=utc_now,
    )


def handler(_event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Any event → `{"arrivalsFound", "uploadsUnconfirmed", "revived", "overdue", "behind"}`.

    Raises the taxonomy's errors; a run that fails is made up for by the next.
    """
    logger.clear_state()
    try:
        report = sweeper().sweep(lambda: context.get_remaining_time_in_millis() / 1000)
    except (ClientError, BotoCoreError) as error:
        raise classify(error, "sweep") from error
    return {
        "arrivalsFound": report.arrivals_found,
        "uploadsUnconfirmed": report.uploads_unconfirmed,
        "revived": report.revived,
        "overdue": report.overdue,
        "behind": report.behind,
    }
