"""Live updates: a ticket opens a connection, a snapshot is followed by numbered changes."""

from __future__ import annotations

import time
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from local_cloud.live_session import LiveConnection
from shared.live.following import Following
from tests.e2e.quicksight_migration.migrations import ENDED, Migrations


def ticket_of(migrations: Migrations, **who: Any) -> dict[str, str]:
    ticket: dict[str, str] = migrations.api("POST", "/live/tickets", {}, **who).body
    return ticket


def opened(migrations: Migrations, ticket: dict[str, str]) -> LiveConnection:
    return migrations.cloud.live(ticket["url"], ticket["ticket"])


def test_a_job_is_followed_from_the_first_step_to_the_last(migrations: Migrations) -> None:
    # Given somebody who follows a job as soon as it is there
    with opened(migrations, ticket_of(migrations)) as connection:
        job_id = migrations.start()
        topic, client, approved = f"job:{job_id}", Following(), False
        connection.say({"action": "subscribe", "topic": topic})

        # When it runs to its end, approved on the way
        deadline, status = time.monotonic() + 60, ""
        while status not in ENDED and time.monotonic() < deadline:
            for news in client.take(connection.hear()):
                # Then no change is missing between two messages
                assert (news.kind, news.topic) == ("state", topic), news
            seen = client.known.get((topic, ""))
            status = seen[1]["status"] if seen else ""
            if status == "WAITING_FOR_APPROVAL" and not approved:
                approved = migrations.approve(job_id).status == 202

    # And the last one says what the API says
    assert status == "COMPLETED"
    shown = migrations.job(job_id)
    known = client.known[topic, ""][1]
    assert {name: known.get(name) for name in ("status", "revision", "targetState")} == {
        name: shown.get(name) for name in ("status", "revision", "targetState")
    }


def test_a_ticket_opens_one_connection(migrations: Migrations) -> None:
    ticket = ticket_of(migrations)
    opened(migrations, ticket).close()
    with pytest.raises(InvalidStatus) as refused:
        opened(migrations, ticket)
    assert refused.value.response.status_code == 403


def test_a_stranger_s_job_cannot_be_followed(migrations: Migrations) -> None:
    job_id = migrations.start(options={"planOnly": True})
    with opened(migrations, ticket_of(migrations, person="stranger")) as connection:
        connection.say({"action": "subscribe", "topic": f"job:{job_id}"})
        assert connection.hear()["code"] == "NO_SUCH_TOPIC"
    migrations.wait(job_id)
