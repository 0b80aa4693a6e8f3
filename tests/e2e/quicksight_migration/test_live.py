"""Live updates: a ticket opens a connection, a snapshot is followed by numbered changes."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.e2e.quicksight_migration.migrations import ENDED, Migrations


def opened(migrations: Migrations, ticket: dict[str, Any]) -> ClientConnection:
    """A connection with a ticket; the name in the URL resolves nowhere, so it goes into the Host header."""
    url = migrations.cloud.live_url(ticket["url"])
    return connect(f"{url.address}?ticket={ticket['ticket']}", additional_headers=url.headers)


def test_a_job_is_followed_from_the_first_step_to_the_last(migrations: Migrations) -> None:
    ticket = migrations.api("POST", "/live/tickets", {}).body
    with opened(migrations, ticket) as connection:
        job_id = migrations.start()
        connection.send(json.dumps({"action": "subscribe", "topic": f"job:{job_id}"}))
        snapshot = json.loads(connection.recv(timeout=10))
        assert (snapshot["type"], snapshot["data"]["jobId"]) == ("snapshot", job_id)
        seen, status = snapshot["seq"], snapshot["data"]["status"]
        deadline = time.monotonic() + 60
        approved = False
        while status not in ENDED and time.monotonic() < deadline:
            message = json.loads(connection.recv(timeout=30))
            if message["type"] != "delta":
                continue
            # no change is missing between two messages
            assert message["previousSeq"] <= seen < message["seq"], message
            seen, status = message["seq"], message["data"]["status"]
            if status == "WAITING_FOR_APPROVAL" and not approved:
                approved = migrations.approve(job_id).status == 202
    assert status == "COMPLETED"


def test_a_ticket_opens_one_connection(migrations: Migrations) -> None:
    ticket = migrations.api("POST", "/live/tickets", {}).body
    opened(migrations, ticket).close()
    with pytest.raises(InvalidStatus) as refused:
        opened(migrations, ticket)
    assert refused.value.response.status_code in (401, 403)


def test_a_stranger_s_job_cannot_be_followed(migrations: Migrations) -> None:
    job_id = migrations.start(options={"planOnly": True})
    ticket = migrations.api("POST", "/live/tickets", {}, person="stranger").body
    with opened(migrations, ticket) as connection:
        connection.send(json.dumps({"action": "subscribe", "topic": f"job:{job_id}"}))
        assert json.loads(connection.recv(timeout=10))["type"] == "error"
    migrations.wait(job_id)
