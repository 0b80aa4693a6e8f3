"""Lambda behind the state Copy Batch: some parts of one large copy, side by side, by S3 itself."""

from __future__ import annotations

from typing import Any

from file_transfer.large_files.tools import steps, taxonomy
from file_transfer.observe import count, log_keys, logger
from shared.clock import seconds_left


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """`{"transfer", "target", "upload", "first", "last"}` → `{"copied"}`, the number of parts that were missing.

    Raises the errors of file_transfer.errors; parts that were copied until then stay, and are not copied again.
    """
    log_keys(event["transfer"])
    with taxonomy("Copy Parts"):
        copied = steps().copy(event, seconds_left(context))
    logger.info("parts copied", target=event["target"]["id"], first=event["first"], last=event["last"], copied=copied)
    count("PartsCopied", copied)
    return {"copied": copied}
