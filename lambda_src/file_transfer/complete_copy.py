"""Lambda behind the states Complete Copy and Give Up Upload: the object of all parts, or the end of them."""

from __future__ import annotations

from typing import Any

from file_transfer.large_files.tools import steps, taxonomy
from file_transfer.observe import count, log_keys, logger


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`{"action": "COMPLETE", "transfer", "target", "upload"}` → `{"state", "reason"?, "receipt"?}`.

    `{"action": "GIVE_UP", "transfer", "target", "reason"}` → `{}`. Raises the errors of file_transfer.errors.
    """
    log_keys(event["transfer"])
    with taxonomy("Complete Copy"):
        if event["action"] == "GIVE_UP":
            steps().give_up(event)
            return {}
        outcome = steps().complete(event)
    logger.info("large file copied", target=event["target"]["id"], state=outcome["state"], reason=outcome.get("reason"))
    count("LargeFilesCopied")
    return outcome
