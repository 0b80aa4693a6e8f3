"""Live updates end to end: a client with a ticket sees a job change, and knows when it missed something."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from local_cloud.live_session import LiveConnection
from shared.live.following import Following, News
from tests.integration.local_cloud.conftest import Cloud, eventually
from tests.integration.local_cloud.live_system import LiveSystem


@pytest.fixture(scope="module")
def system(cloud: Cloud) -> LiveSystem:
    return LiveSystem(cloud)


@contextmanager
def faults(cloud: Cloud, **rule: Any) -> Iterator[None]:
    post = {"id": "post", "service": "execute-api", "operation": "PostToConnection"}
    cloud.control("POST", "faults", {"rules": [{**post, **rule}]})
    try:
        yield
    finally:
        cloud.control("DELETE", "faults")


def subscribed(connection: LiveConnection, topic: str) -> Any:
    """The snapshot of a topic; what comes before it is of other topics."""
    connection.say({"action": "subscribe", "topic": topic})
    while True:
        heard = connection.hear()
        if heard["type"] != "delta":
            return heard


def news(connection: LiveConnection, client: Following) -> News:
    """What the next message that tells something tells."""
    while True:
        for each in client.take(connection.hear()):
            return each


def refusal(system: LiveSystem, ticket: str) -> int:
    with pytest.raises(InvalidStatus) as refused:
        system.connect(ticket)
    return refused.value.response.status_code


def mine(system: LiveSystem, topic: str) -> list[str]:
    """Who follows a topic, by the table."""
    return [sort_key for partition, sort_key in system.rows() if partition == f"TOPIC#{topic}"]


def test_a_client_sees_a_job_from_its_snapshot_on(system: LiveSystem) -> None:
    # Given a job, and a client that follows it
    job = system.start()
    topic = f"job:{job.job_id}"
    with system.connect() as connection:
        snapshot = subscribed(connection, topic)
        assert (snapshot["type"], snapshot["seq"], snapshot["data"]["status"]) == ("snapshot", 1, "PENDING")

        # When it goes on twice
        job = system.move(job, status="RUNNING", current_step="Preflight")
        first = connection.hear()
        system.move(job, status="COMPLETED", current_step=None)
        second = connection.hear()

    # Then each change is told with the number that it follows
    assert (first["seq"], first["previousSeq"]) == (2, 1)
    assert first["data"] == {"status": "RUNNING", "currentStep": "Preflight", "revision": 2}
    assert (second["seq"], second["previousSeq"]) == (3, 2)
    assert second["data"] == {"status": "COMPLETED", "currentStep": None, "revision": 3}

    # And nothing is left of a client that has gone
    assert eventually(lambda: system.rows() == [] and "nothing")


def test_a_ticket_is_good_once(system: LiveSystem) -> None:
    ticket = system.ticket()
    system.connect(ticket).close()
    assert refusal(system, ticket) == 403
    assert refusal(system, "made-up") == 403


def test_a_tenant_s_list_has_its_jobs_and_new_ones(system: LiveSystem) -> None:
    # Given a list with a job, and one of another tenant
    there = system.start()
    system.start("south")
    with system.connect() as connection:
        client = Following()
        snapshot = subscribed(connection, "jobs:north")
        client.take(snapshot)
        assert there.job_id in {item["key"] for item in snapshot["data"]["items"]}
        assert {item["data"]["tenantId"] for item in snapshot["data"]["items"]} == {"north"}

        # When jobs of both begin, and the first goes on
        system.start("south")
        fresh = system.start()
        assert (news(connection, client).key, client.known["jobs:north", fresh.job_id][0]) == (fresh.job_id, 1)
        system.move(there, status="RUNNING")
        told = news(connection, client)

    # Then only its own are told
    assert (told.key, told.seq, told.data["status"]) == (there.job_id, 2, "RUNNING")


def test_what_is_not_theirs_is_refused(system: LiveSystem) -> None:
    theirs = system.start("south")
    with system.connect() as connection:
        assert subscribed(connection, f"job:{theirs.job_id}")["code"] == "NO_SUCH_TOPIC"
        assert subscribed(connection, "jobs:south")["code"] == "NO_SUCH_TOPIC"
        connection.say({"action": "ping"})
        assert connection.hear() == {"type": "pong"}
        connection.say("what?")
        assert connection.hear()["code"] == "NOT_JSON"


def test_a_connection_that_is_gone_is_forgotten(system: LiveSystem) -> None:
    """Its end may never have been told: the post finds out."""
    # Given a follower of whom API Gateway knows nothing, beside one that is there
    job = system.start()
    topic = f"job:{job.job_id}"
    for row in ({"pk": f"TOPIC#{topic}", "sk": "CONNECTION#gone="}, {"pk": "CONNECTION#gone=", "sk": f"TOPIC#{topic}"}):
        item = {name: {"S": value} for name, value in row.items()} | {"expiresAt": {"N": "9999999999"}}
        system.dynamodb.put_item(TableName=system.name, Item=item)
    with system.connect() as connection:
        subscribed(connection, topic)

        # When the job changes
        system.move(job, status="RUNNING")

        # Then the one hears it, and nothing is left of the other
        assert connection.hear()["seq"] == 2
        assert eventually(lambda: len(mine(system, topic)) == 1)
        assert not [row for row in system.rows() if "gone=" in row[0] + row[1]]


def test_a_post_that_is_not_allowed_deletes_nobody_and_leaves_a_gap(system: LiveSystem) -> None:
    # Given a client that knows how a job stands
    job = system.start()
    topic = f"job:{job.job_id}"
    client = Following()
    with system.connect() as connection:
        client.take(subscribed(connection, topic))
        followers = mine(system, topic)

        # When a change cannot be told, since the function may not post
        since = system.cloud.control("POST", "calls/mark")["mark"]
        system.let_post(False)
        try:
            job = system.move(job, status="RUNNING")

            def refused() -> bool:
                calls = system.cloud.control("GET", f"calls?since={since}")["calls"]
                return any((call["operation"], call["status"]) == ("PostToConnection", 403) for call in calls)

            assert eventually(refused)
        finally:
            system.let_post(True)

        # Then the connection is still there, the next change shows the gap, and a snapshot heals it
        assert mine(system, topic) == followers
        system.move(job, status="COMPLETED")
        assert news(connection, client).kind == "gap"
        (healed,) = client.take(subscribed(connection, topic))
        assert (healed.kind, healed.seq, healed.data["status"]) == ("state", 3, "COMPLETED")


def test_what_is_throttled_comes_again(system: LiveSystem) -> None:
    # Given a client, and posts that are refused twice with 429
    job = system.start()
    topic = f"job:{job.job_id}"
    client = Following()
    with system.connect() as connection:
        client.take(subscribed(connection, topic))
        with faults(system.cloud, nth=[1, 2], action={"type": "throttle"}):
            # When the job changes
            system.move(job, status="RUNNING")

            # Then it is told all the same, without a gap
            told = news(connection, client)
        assert (told.kind, told.seq) == ("state", 2)
        assert len(mine(system, topic)) == 1


def test_a_connection_that_ends_by_itself_is_forgotten(system: LiveSystem) -> None:
    job = system.start()
    with system.connect() as connection:
        subscribed(connection, f"job:{job.job_id}")
        system.cloud.control("POST", "websockets", {"idle_seconds": 0.3})
        try:
            assert connection.ended() == 1001
        finally:
            system.cloud.control("DELETE", "websockets")
    assert eventually(lambda: mine(system, f"job:{job.job_id}") == [] and "nobody")
