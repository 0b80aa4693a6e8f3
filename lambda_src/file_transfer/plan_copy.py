"""Lambda behind the state Plan Copy: is the target settled, which upload is gone on with, which parts are missing."""

from __future__ import annotations

from typing import Any

from file_transfer.large_files.tools import steps, taxonomy
from file_transfer.observe import count, log_keys, logger


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`{"transfer", "target"}` → the answer described in file_transfer.large_files.steps, Steps.plan.

    Raises the errors of file_transfer.errors, whose class names the state machine catches.
    """
    log_keys(event["transfer"])
    with taxonomy("Plan Copy"):
        plan = steps().plan(event["transfer"], event["target"])
    logger.info(
        "copy planned", target=event["target"]["id"], action=plan["action"], batches=len(plan.get("batches", []))
    )
    if plan["action"] == "SETTLED" and plan["outcome"]["state"] == "SUCCEEDED":
        count("CopiesAdopted")
    return plan
