"""Lambda behind the WebSocket API: connections begin and end, clients say what they follow."""

from __future__ import annotations

from functools import cache
from typing import Any

from quicksight_migration import live_wiring
from quicksight_migration.live_topics import JobTopics
from quicksight_migration.records.dynamo_store import DynamoStore
from quicksight_migration.settings import read_settings
from shared.clients import client
from shared.live.conversation import Conversation
from shared.observe import logger


@cache
def conversation() -> Conversation:
    """Made with the first event and kept while the worker lives."""
    settings = read_settings()
    topics = JobTopics(DynamoStore(client("dynamodb"), settings.jobs_table))
    return Conversation(live_wiring.connections(settings), live_wiring.poster(settings), topics)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """A WebSocket event of API Gateway → `{"statusCode"}`."""
    logger.clear_state()
    return conversation().handle(event)
