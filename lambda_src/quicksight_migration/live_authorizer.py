"""Lambda that lets connections in: the authorizer of the WebSocket API's `$connect`."""

from __future__ import annotations

from functools import cache
from typing import Any

from quicksight_migration.settings import read_settings
from shared.clients import client
from shared.live.authorizer import authorize
from shared.live.tickets import Tickets
from shared.observe import count


@cache
def tickets() -> Tickets:
    """Made with the first event and kept while the worker lives."""
    return Tickets(client("dynamodb"), read_settings().live_table)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """A REQUEST event of API Gateway → a policy; the context of the connection holds who it is."""
    answer = authorize(event, tickets())
    if "context" not in answer:
        count("LiveTicketsRefused")
    return answer
