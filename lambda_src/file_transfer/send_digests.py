"""Lambda on a schedule: orders the digests that are due."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from file_transfer.notifications.digests import DigestStore, digest_payload
from file_transfer.notifications.orders import announcement
from file_transfer.notifications.settings import read_settings
from file_transfer.observe import count, logger
from shared.clients import Clients
from shared.clock import utc_now


def handler(_event: dict[str, Any], _context: object) -> dict[str, int]:
    """`{"ordered": number}`. A digest that is ordered twice is sent once: its record has the same key."""
    logger.clear_state()
    settings, clients = read_settings(), Clients()
    store = DigestStore(clients.dynamodb, settings.control_table)
    ordered = 0
    # Whoever gathers computes the due time first and writes within the life of its invocation.
    for due in store.due(utc_now() - timedelta(seconds=settings.grace_seconds)):
        payload = digest_payload(due, store.entries(due))
        clients.sqs.send_message(QueueUrl=settings.queue_url, MessageBody=announcement(payload, due.channel))
        store.done(due)
        ordered += 1
        logger.info("digest ordered", workflow=due.workflow_id, channel=due.channel, counts=payload["counts"])
    if ordered:
        count("DigestsOrdered", ordered)
    return {"ordered": ordered}
