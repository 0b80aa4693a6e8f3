"""Lambda behind the stream of FileTransferAuditLog: every record goes to the locked bucket as well."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from file_transfer.archive.exporting import Exporter
from file_transfer.archive.settings import read_settings
from file_transfer.observe import count, logger
from shared.aws_errors import classify
from shared.clients import Clients
from shared.clock import utc_now


@cache
def exporter() -> Exporter:
    """Made with the first batch and kept while the worker lives."""
    return Exporter(Clients().s3, read_settings().bucket)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """A batch of stream records → `{"batchItemFailures": []}`; the batch comes again when it raises."""
    logger.clear_state()
    try:
        key = exporter().export(event["Records"], utc_now())
    except (ClientError, BotoCoreError) as error:
        raise classify(error, "export of audit records") from error
    changed = [record["dynamodb"]["Keys"] for record in event["Records"] if record.get("eventName") != "INSERT"]
    if changed:
        # Records are written once. Whoever changed or removed one had rights that no role of ours has.
        logger.error("audit records were changed in their table", keys=changed)
        count("AuditRecordsTampered", len(changed))
    logger.info("audit records exported", key=key, records=len(event["Records"]) - len(changed))
    return {"batchItemFailures": []}
