"""What of jobs can be followed, by whom, and what is told of a change."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from quicksight_migration import job_updates, live_authorizer, live_connections
from quicksight_migration.api import views
from quicksight_migration.live_topics import LIST_FIELDS, MAX_LISTED, JobTopics, changes_of
from quicksight_migration.records.dynamo_store import DynamoStore
from quicksight_migration.records.job import Failure, Job
from quicksight_migration.records.memory_store import MemoryStore
from quicksight_migration.records.record import changed
from quicksight_migration.records.store import TIME_INDEX, Store
from shared.dynamodb import to_item
from shared.live.broadcast import Broadcast
from shared.live.changes import patched
from shared.live.tickets import Holder
from shared.live.topics import TopicRefused
from tests.unit.live_world import World
from tests.unit.quicksight_migration.moto_jobs import TABLE, create_jobs_table

NORTH = Holder("user:ann", frozenset({"view"}), frozenset({"north"}))
ALL = Holder("user:root", frozenset({"view"}))


def job(number: int = 1, tenant: str = "north", **more: Any) -> Job:
    named: dict[str, Any] = {
        "job_id": f"job-{number:020d}",
        "tenant_id": tenant,
        "created_at": f"2026-11-21T12:00:{number % 60:02d}.000000Z",
        "updated_at": "2026-11-21T12:30:00.000000Z",
        "initiated_by": "user:ann",
        "source_account_id": "111111111111",
        "target_account_id": "222222222222",
        "payload": {"assets": ["arn"], "tags": {}},
        **more,
    }
    return Job(**named)


def stored(*jobs: Job) -> MemoryStore:
    store = MemoryStore()
    for each in jobs:
        assert store.write([each])
    return store


def record(before: Job | None, after: Job, sort_key: str = "JOB") -> dict[str, Any]:
    """A record of the table's stream."""
    images = {"NewImage": to_item(after.to_item())} | ({"OldImage": to_item(before.to_item())} if before else {})
    keys = to_item({"jobId": after.job_id, "record": sort_key})
    return {"dynamodb": {"Keys": keys, "SequenceNumber": str(after.revision), **images}}


def refusal(topics: JobTopics, holder: Holder, kind: str, name: str) -> str:
    with pytest.raises(TopicRefused) as refused:
        topics.admit(holder, kind, name)
    return refused.value.code


def test_a_job_is_followed_by_those_of_its_tenant() -> None:
    # Given a job of one tenant and one of another
    mine, theirs = job(1), job(2, "south")
    topics = JobTopics(stored(mine, theirs))

    # Then each is for those who see its tenant and may view
    topics.admit(NORTH, "job", mine.job_id)
    topics.admit(ALL, "job", theirs.job_id)
    topics.admit(NORTH, "jobs", "north")
    assert refusal(topics, NORTH, "job", theirs.job_id) == "NO_SUCH_TOPIC"
    assert refusal(topics, NORTH, "job", "job-none") == "NO_SUCH_TOPIC"
    assert refusal(topics, NORTH, "jobs", "south") == "NO_SUCH_TOPIC"
    assert refusal(topics, NORTH, "steps", mine.job_id) == "NO_SUCH_TOPIC"
    assert refusal(topics, Holder("user:bob"), "job", mine.job_id) == "FORBIDDEN"


def test_a_snapshot_is_what_the_api_shows_at_the_job_s_revision() -> None:
    first = job()
    store = stored(first)
    second = changed(first, status="RUNNING", current_step="Preflight")
    store.write([second])
    found = JobTopics(store).snapshot("job", first.job_id)
    assert (found.seq, found.data) == (2, views.job(second.to_item()))
    assert found.data["status"] == "RUNNING"


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest, dynamodb: Any) -> Store:
    if request.param == "memory":
        return MemoryStore()
    create_jobs_table(dynamodb)
    return DynamoStore(dynamodb, TABLE)


def test_a_list_has_the_newest_jobs_of_the_tenant(store: Store) -> None:
    # Given jobs of two tenants, one after the other
    jobs = [job(number, "north" if number % 2 else "south") for number in range(1, 7)]
    for each in jobs:
        store.write([each])

    # When one tenant's list is looked at
    found = JobTopics(store).snapshot("jobs", "north")

    # Then it has its own, the newest first, each with its number and what a list tells
    items = found.data["items"]
    assert found.seq == 0
    assert [(item["key"], item["seq"]) for item in items] == [(jobs[at].job_id, 1) for at in (4, 2, 0)]
    assert all(set(item["data"]) <= set(LIST_FIELDS) and item["data"]["tenantId"] == "north" for item in items)


def test_a_list_is_not_read_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given more jobs than a list tells
    store = stored(*[job(number) for number in range(MAX_LISTED + 5)])
    assert len(JobTopics(store).snapshot("jobs", "north").data["items"]) == MAX_LISTED

    # And a tenant of which there is none on the first pages
    pages = []
    page = store.page

    def endless(*asked: Any, limit: int, **_: Any) -> Any:
        pages.append(asked)
        return replace(page(*asked, limit=limit), cursor={"more": "of it"})

    monkeypatch.setattr(store, "page", endless)
    assert JobTopics(store).snapshot("jobs", "south").data == {"items": []}
    assert pages == [(TIME_INDEX, "JOB")] * 5


def test_a_change_is_told_to_those_of_the_job_and_of_its_tenant() -> None:
    # Given a job that fails
    before = job(status="RUNNING", current_step="Preflight")
    failure = Failure(code="PLAN_INVALID", message="no")
    after = changed(before, status="FAILED", current_step=None, failed_step="Preflight", error=failure)

    # When its record comes
    one, many = (json.loads(change.message()) for change in changes_of(record(before, after)))

    # Then its followers get what changed, and the tenant's the job as a list tells it
    assert (one["topic"], one["seq"], one["previousSeq"]) == (f"job:{before.job_id}", 2, 1)
    assert patched(views.job(before.to_item()), one["data"]) == views.job(after.to_item())
    assert "payload" not in one["data"]
    assert (many["topic"], many["key"], many["whole"]) == ("jobs:north", before.job_id, True)
    assert (many["data"]["status"], set(many["data"]) - set(LIST_FIELDS)) == ("FAILED", set())


def test_a_new_job_has_nothing_before_it() -> None:
    one, many = (json.loads(change.message()) for change in changes_of(record(None, job())))
    assert (one["seq"], one["previousSeq"], many["previousSeq"]) == (1, 0, 0)
    assert one["data"] == views.job(job().to_item())


def test_what_is_no_step_forward_is_no_news() -> None:
    # Given a job that is let expire, one that is gone, and records beside it
    there = job()
    expiring = record(there, there)
    gone = record(there, there)
    del gone["dynamodb"]["NewImage"]

    # Then nobody is told
    for each in (expiring, gone, record(None, there, "AUDIT#000001"), record(None, there, "STEP#01#Preflight#A01")):
        assert list(changes_of(each)) == []


def test_a_job_of_no_tenant_is_in_no_list() -> None:
    assert [change.topic for change in changes_of(record(None, job(tenant="")))] == [f"job:{job().job_id}"]


def test_from_a_ticket_to_a_delta(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The three handlers, with the parts that a worker has but for clients and clock."""
    # Given a job in the table, and somebody with a ticket
    create_jobs_table(dynamodb)
    world = World(dynamodb)
    table = DynamoStore(dynamodb, TABLE)
    first = job()
    table.write([first])
    talk = live_connections.Conversation(world.connections, world.poster, JobTopics(table))
    monkeypatch.setattr(live_authorizer, "tickets", lambda: world.tickets)
    monkeypatch.setattr(live_connections, "conversation", lambda: talk)
    monkeypatch.setattr(job_updates, "broadcast", lambda: Broadcast(world.connections, world.poster))
    ticket = world.tickets.issue(NORTH)

    # When they connect, subscribe, and the job goes on
    asked = {"methodArn": "arn", "queryStringParameters": {"ticket": ticket.text}}
    admitted = live_authorizer.handler(asked, None)
    denied = live_authorizer.handler(asked, None)
    context = {"connectionId": "c1=", "authorizer": admitted["context"]}
    connected = live_connections.handler({"requestContext": {**context, "eventType": "CONNECT"}}, None)
    body = json.dumps({"action": "subscribe", "topic": f"job:{first.job_id}"})
    live_connections.handler({"requestContext": {**context, "eventType": "MESSAGE"}, "body": body}, None)
    second = changed(first, status="RUNNING")
    table.write([second])
    done = job_updates.handler({"Records": [record(first, second)]}, None)

    # Then they have heard how it stood and what changed, and the ticket was good once
    assert (connected, done) == ({"statusCode": 200}, {"batchItemFailures": []})
    assert [(each["type"], each["seq"]) for each in world.gateway.posted["c1="]] == [("snapshot", 1), ("delta", 2)]
    assert world.gateway.posted["c1="][1]["data"] == {"status": "RUNNING", "revision": 2}
    assert denied["policyDocument"]["Statement"][0]["Effect"] == "Deny"


def test_workers_have_what_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a worker's environment
    for name, value in {
        "JOBS_TABLE": "jobs",
        "LIVE_TABLE": "live",
        "LIVE_CALLBACK_URL": "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/live",
    }.items():
        monkeypatch.setenv(name, value)
    for made in (live_authorizer.tickets, live_connections.conversation, job_updates.broadcast):
        made.cache_clear()

    # When its parts are made
    talk, tickets, broadcast = live_connections.conversation(), live_authorizer.tickets(), job_updates.broadcast()

    # Then they work on those tables, and post once where the stage is
    assert (talk.connections.table, tickets.table, broadcast.connections.table) == ("live", "live", "live")
    for poster in (talk.poster, broadcast.poster):
        config = poster.gateway.meta
        assert config.endpoint_url == "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/live"
        assert config.config.retries["total_max_attempts"] == 1
