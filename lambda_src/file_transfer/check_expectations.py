"""Lambda on a schedule: have the files come that have to come?"""

from __future__ import annotations

from functools import cache
from typing import Any

from file_transfer.expectations.arrivals import Arrivals
from file_transfer.expectations.checking import Checker
from file_transfer.expectations.store import ExpectationStore
from file_transfer.notifications.settings import read_settings
from file_transfer.observe import logger
from file_transfer.workflows import patterns
from shared.clients import Clients, LazyClient
from shared.clock import utc_now


@cache
def checker() -> Checker:
    """Made with the first round and kept while the worker lives."""
    settings, clients = read_settings(), Clients()
    return Checker(
        settings,
        clients.dynamodb,
        LazyClient(lambda: clients.sqs),
        ExpectationStore(clients.dynamodb, settings.expectation_table),
        Arrivals(clients.dynamodb, settings.status_table),
        patterns.matches,
    )


def handler(_event: dict[str, Any], _context: object) -> dict[str, int]:
    """`{"opened", "changed", "announced"}`: numbers of windows."""
    logger.clear_state()
    done = checker().round(utc_now())
    logger.info("expectations checked", windows=done)
    return done
