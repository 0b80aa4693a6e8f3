"""Failures over the API, and replays of many: previewed, asked for once, carried out page by page."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from file_transfer import replay_failures
from file_transfer.api import views
from file_transfer.api.keys import write_key
from file_transfer.replays import selection
from file_transfer.replays.worker import DONE, GO_ON, LOST, UNKNOWN, ReplayWorker
from shared.errors import Transient
from shared.schemas import load, problems
from shared.sqs import Queue
from tests.unit.file_transfer.api.world import CUSTOMER, INTAKE, OTHER, TURNS, World, names, paths, transfer_item
from tests.unit.moto_tables import put

SCHEMA = "file-transfer-api#/$defs"


@pytest.fixture(autouse=True)
def stored(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six failures of two customers; one was replayed already, and a page has two."""
    monkeypatch.setattr(selection, "PAGE", 2)
    world.clock.forward(3600)
    for number in (1, 2, 3):
        world.transfer(number, "FAILED")
    world.transfer(4, "REJECTED", reason="EMPTY_FILE")
    world.transfer(5, "PARTIAL", customer=OTHER, workflow="another")
    replayed(world, world.transfer(6, "FAILED"))


def replayed(world: World, item: dict[str, Any]) -> None:
    failure = views_failure(world, item)
    marks = {"replayedAt": "2025-06-28T22:30:00.000000Z", "replayId": "replay-0", "replayedBy": "user:ada"}
    put(world.dynamodb, "TransferFailureQueue", failure | marks)


def views_failure(world: World, item: dict[str, Any]) -> dict[str, Any]:
    key = {"PK": "FAILURE#" + item["PK"].removeprefix("FILE#"), "SK": item["SK"]}
    found = world.services.asker.get("TransferFailureQueue", key)
    assert found is not None
    return found


def worker(world: World) -> ReplayWorker:
    services = world.services
    queue = Queue(world.sqs, INTAKE)
    return ReplayWorker(services.replays, services.asker, "TransferFailureQueue", queue, world.clock)


def sent(world: World) -> list[str]:
    return [each["pk"].rpartition("#")[2] for each in world.sqs.bodies(INTAKE)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"customerId": CUSTOMER}, [6, 4, 3, 2, 1]),
        ({"customerId": CUSTOMER, "replayed": "false"}, [4, 3, 2, 1]),
        ({"customerId": CUSTOMER, "replayed": "true"}, [6]),
        ({"workflowId": "another"}, [5]),
        ({"reason": "EMPTY_FILE"}, [4]),
        ({"reason": "PERMISSION_DENIED", "status": "PARTIAL"}, [5]),
        ({"customerId": CUSTOMER, "from": "2025-06-28T22:03:00Z", "to": "2025-06-28T22:04:00Z"}, [3]),
    ],
)
def test_failures_are_found_by_customer_workflow_and_reason(world: World, query: Any, found: list[int]) -> None:
    items = world.items("/failures", **{f"{name}_": value for name, value in query.items()})

    assert names(items) == [f"file-{number}.csv" for number in found]
    assert all(problems(f"{SCHEMA}/failure", each) == [] for each in items)


def test_a_failure_is_shown_with_all_that_it_has(world: World) -> None:
    key = write_key(transfer_item(6, "FAILED"))
    answer = world.ask("GET", f"/failures/{key}")

    assert answer.body["source"]["versionId"] == "v1" and answer.body["replayedBy"] == "user:ada"
    shown = set(load("file-transfer-api")["$defs"]["failure"]["properties"])
    assert shown == {*views.FAILURE, "transferKey", "transferId", "arrivedAt", "executionId", "source"}
    assert world.ask("GET", f"/failures/{write_key(transfer_item(9, 'FAILED'))}").status == 404
    theirs = write_key(transfer_item(5, "PARTIAL", customer=OTHER))
    assert world.ask("GET", f"/failures/{theirs}", groups="[ft-bank]").status == 404


def test_lists_without_an_index_are_refused(world: World) -> None:
    assert world.ask("GET", "/failures", query={"status": "FAILED"}).status == 400
    assert paths(world.ask("POST", "/replays", {"status": "FAILED"})) == ["$"]
    assert paths(world.ask("POST", "/replays", {"customerId": CUSTOMER, "from": "now"})) == ["$.from"]


def test_a_preview_says_what_would_be_replayed_and_does_nothing(world: World) -> None:
    answer = world.ask("POST", "/replays/preview", {"customerId": CUSTOMER}, "[ft-view]")

    assert problems(f"{SCHEMA}/replayPreview", answer.body) == []
    assert (answer.body["count"], answer.body["looked"], answer.body["complete"]) == (4, 5, True)
    assert answer.body["reasons"] == {"EMPTY_FILE": 1, "PERMISSION_DENIED": 3}
    assert names(answer.body["items"])[0] == "file-1.csv"
    assert world.sqs.queues == {}


def test_a_replay_sends_each_failure_once_the_earliest_first(world: World) -> None:
    # Given a replay that was asked for
    answer = world.ask("POST", "/replays", {"customerId": CUSTOMER, "reason": "PERMISSION_DENIED"})
    assert answer.status == 202 and problems(f"{SCHEMA}/replay", answer.body) == []
    replay_id = answer.body["replayId"]
    assert world.sqs.bodies(TURNS) == [{"replayId": replay_id}]
    # When its function has one turn a page
    outcomes = [worker(world).run(replay_id, lambda: False) for _ in range(4)]
    # Then the intake got what the filter takes, and nothing that was replayed before
    assert outcomes == [GO_ON, GO_ON, DONE, DONE]
    assert sent(world) == ["file-1.csv", "file-2.csv", "file-3.csv"]
    assert all(problems("replay-message", each) == [] for each in world.sqs.bodies(INTAKE))
    assert {each["replayId"] for each in world.sqs.bodies(INTAKE)} == {replay_id}
    ended = world.ask("GET", f"/replays/{replay_id}").body
    assert (ended["status"], ended["counts"]) == ("COMPLETED", {"sent": 3, "left": 2})
    assert problems(f"{SCHEMA}/replay", ended) == []


def test_what_fails_again_is_not_taken_again(world: World) -> None:
    # Given a replay whose first page fails again while it runs
    replay_id = world.ask("POST", "/replays", {"customerId": CUSTOMER}).body["replayId"]
    worker(world).run(replay_id, lambda: False)
    world.clock.forward(60)
    again = views_failure(world, transfer_item(1, "FAILED")) | {"timestamp": "2025-06-28T23:30:00.000000Z"}
    put(world.dynamodb, "TransferFailureQueue", again)
    # When it goes on to its end
    assert worker(world).run(replay_id, lambda: True) == DONE
    # Then the failure of after its start is another one
    assert sent(world) == [f"file-{number}.csv" for number in (1, 2, 3, 4)]


def test_a_worker_that_dies_between_sending_and_noting_sends_the_page_again(world: World) -> None:
    replay_id = world.ask("POST", "/replays", {"customerId": CUSTOMER}).body["replayId"]
    dying = worker(world)
    world.sqs.refusals = 6  # three rounds of the first page of two
    with pytest.raises(Transient):
        dying.run(replay_id, lambda: True)
    assert worker(world).run(replay_id, lambda: True) == DONE

    assert sorted(set(sent(world))) == [f"file-{number}.csv" for number in (1, 2, 3, 4)]
    assert world.ask("GET", f"/replays/{replay_id}").body["counts"]["sent"] == 4


def test_of_two_workers_of_one_replay_one_gives_way(world: World) -> None:
    # Given a worker that is overtaken before it can note its first page
    replay_id = world.ask("POST", "/replays", {"customerId": CUSTOMER}).body["replayId"]
    slow = worker(world)
    send = slow.queue.send

    def overtaken(messages: Any) -> None:
        send(messages)
        assert worker(world).run(replay_id, lambda: True) == DONE

    slow.queue.send = overtaken  # type: ignore[method-assign]
    # Then it stops, and what it sent twice is one replay to the intake
    assert slow.run(replay_id, lambda: True) == LOST
    assert len(sent(world)) == 6 and len({(each["pk"], each["replayId"]) for each in world.sqs.bodies(INTAKE)}) == 4
    assert worker(world).run("replay-22222222222222222222", lambda: True) == UNKNOWN


def test_named_transfers_are_replayed_whatever_their_customer(world: World) -> None:
    keys = [write_key(transfer_item(number, "FAILED")) for number in (1, 6, 9)]
    body = {"transferKeys": keys, "includeReplayed": True, "confirmed": True}
    replay_id = world.ask("POST", "/replays", body).body["replayId"]

    assert worker(world).run(replay_id, lambda: True) == DONE
    assert sent(world) == ["file-1.csv", "file-6.csv"]
    assert all(each["confirmed"] for each in world.sqs.bodies(INTAKE))
    assert world.ask("GET", f"/replays/{replay_id}").body["counts"] == {"sent": 2, "left": 1}


def test_the_same_key_asks_for_one_replay(world: World) -> None:
    key = {"idempotency-key": "monday"}
    first, second = (world.ask("POST", "/replays", {"customerId": CUSTOMER}, headers=key) for _ in range(2))
    other = world.ask("POST", "/replays", {"customerId": OTHER}, headers=key)
    another = world.ask("POST", "/replays", {"customerId": CUSTOMER}, headers=key, user="eve")

    assert first.body["replayId"] == second.body["replayId"] != another.body["replayId"]
    assert (other.status, other.body["code"]) == (409, "IDEMPOTENCY_CONFLICT")
    assert len(world.sqs.bodies(TURNS)) == 3


def test_replays_keep_to_the_customers_of_who_asks(world: World) -> None:
    # Given somebody who looks after one customer
    assert world.ask("POST", "/replays", {"customerId": OTHER}, "[ft-bank]").status == 404
    theirs = write_key(transfer_item(5, "PARTIAL", customer=OTHER))
    answer = world.ask("POST", "/replays", {"transferKeys": [theirs]}, "[ft-bank]")
    assert answer.status == 400 and paths(answer) == ["$.transferKeys[0]"]
    assert world.ask("POST", "/replays", {"customerId": CUSTOMER}, "[ft-view]").status == 403
    # When they ask for all failures of a reason
    replay_id = world.ask("POST", "/replays", {"reason": "PERMISSION_DENIED"}, "[ft-bank]").body["replayId"]
    assert worker(world).run(replay_id, lambda: True) == DONE
    # Then only their customer's are replayed; and they do not see what others asked for
    assert sent(world) == ["file-1.csv", "file-2.csv", "file-3.csv"]
    everybody = world.ask("POST", "/replays", {"reason": "EMPTY_FILE"}).body["replayId"]
    assert world.ask("GET", f"/replays/{replay_id}", groups="[ft-bank]").status == 200
    assert world.ask("GET", f"/replays/{everybody}", groups="[ft-bank]").status == 404


def test_the_function_asks_for_another_turn_when_its_time_is_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a function that has time for one page, and then for all
    replay_id = world.ask("POST", "/replays", {"customerId": CUSTOMER}).body["replayId"]
    monkeypatch.setattr(replay_failures, "worker", lambda: worker(world))
    monkeypatch.setattr(replay_failures, "turns", lambda: Queue(world.sqs, TURNS))
    milliseconds = iter([1_000, 60_000, 60_000, 60_000])
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: next(milliseconds))
    record = {"messageId": "m1", "body": f'{{"replayId": "{replay_id}"}}'}
    # When it is invoked twice
    assert replay_failures.handler({"Records": [record]}, context) == {"batchItemFailures": []}
    assert world.sqs.bodies(TURNS)[1:] == [{"replayId": replay_id}]
    assert replay_failures.handler({"Records": [record]}, context) == {"batchItemFailures": []}
    # Then the replay is complete, and a turn that cannot be read comes again
    assert world.ask("GET", f"/replays/{replay_id}").body["status"] == "COMPLETED"
    bad = {"messageId": "m2", "body": "{}"}
    assert replay_failures.handler({"Records": [bad]}, context) == {"batchItemFailures": [{"itemIdentifier": "m2"}]}
