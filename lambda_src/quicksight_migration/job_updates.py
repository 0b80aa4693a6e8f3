"""Lambda behind the stream of the jobs' table: tells whoever follows a job what became of it."""

from __future__ import annotations

from functools import cache
from typing import Any

from quicksight_migration import live_wiring
from quicksight_migration.live_topics import changes_of
from quicksight_migration.settings import read_settings
from shared.live.broadcast import Broadcast
from shared.live.stream import tell
from shared.observe import logger


@cache
def broadcast() -> Broadcast:
    """Made with the first event and kept while the worker lives."""
    settings = read_settings()
    return Broadcast(live_wiring.connections(settings), live_wiring.poster(settings))


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """A batch of a DynamoDB stream → `{"batchItemFailures": […]}`: from the first record that somebody did not get."""
    logger.clear_state()
    return tell(event["Records"], changes_of, broadcast())
