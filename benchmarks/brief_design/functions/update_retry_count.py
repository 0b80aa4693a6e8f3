"""Update Retry Count: counts the attempt that is about to begin; the brief does so on the first one too."""

from __future__ import annotations

from typing import Any

from records import set_status


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    attempts = event["retryCount"] + 1
    set_status(event, "IN_PROGRESS", attempts)
    return {**event, "retryCount": attempts}
