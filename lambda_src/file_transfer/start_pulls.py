"""Lambda behind the connectors' schedule: begins listings, and looks after what no event came about."""

from __future__ import annotations

from functools import cache
from typing import Any

from file_transfer.connectors.wiring import Parts
from file_transfer.observe import logger


@cache
def parts() -> Parts:
    """Made with the first tick and kept while the worker lives."""
    return Parts()


def handler(event: dict[str, Any], _context: object) -> dict[str, int]:
    """A tick, or `{"workflowId": …}` to list that workflow's folder at once → `{"found": ends, "listings": begun}`."""
    logger.clear_state()
    watcher = parts().watcher
    found = watcher.look_after()
    listings = watcher.begin_listings(str(event.get("workflowId", "")))
    logger.info("looked after connectors", found=found, listings=listings)
    return {"found": found, "listings": listings}
