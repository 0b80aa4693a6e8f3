"""Lambda on a schedule: seals the hours of the audit export that are over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from file_transfer.archive.sealing import Sealer
from file_transfer.archive.settings import read_settings
from file_transfer.observe import count, logger
from shared.aws_errors import classify
from shared.clients import Clients
from shared.clock import utc_now


def handler(_event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`{"sealed": [{"hour", "digest", "objects"}]}`, oldest first; nothing is due most of the time."""
    logger.clear_state()
    settings = read_settings()
    sealer = Sealer(Clients().s3, settings.bucket, timedelta(seconds=settings.seal_after_seconds))
    sealed = []
    try:
        for seal in sealer.seal(utc_now()):
            # The digest leaves the bucket here: a log that others keep proves every record before it.
            logger.info("audit hour sealed", hour=seal.hour, digest=seal.digest, objects=seal.objects)
            sealed.append({"hour": seal.hour, "digest": seal.digest, "objects": seal.objects})
    except (ClientError, BotoCoreError) as error:
        raise classify(error, "sealing of the audit export") from error
    count("AuditHoursSealed", len(sealed))
    return {"sealed": sealed}
