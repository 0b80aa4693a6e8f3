"""Transfers over the API: listed by the index that knows them, shown whole, told step by step, tried again."""

from __future__ import annotations

import pytest

from file_transfer.api import views
from file_transfer.api.keys import FAILURE, TRANSFER, read_key, write_key
from shared.api.problems import ApiProblem
from shared.schemas import load, problems
from tests.unit.file_transfer.api.world import CUSTOMER, INTAKE, OTHER, WORKFLOW, World, names, paths, transfer_item

SCHEMA = "file-transfer-api#/$defs"


@pytest.fixture(autouse=True)
def stored(world: World) -> None:
    """Ten transfers of two days, of two customers and workflows, in several statuses."""
    for number in range(1, 5):
        world.transfer(number)
    world.transfer(5, "PARTIAL")
    world.transfer(6, "REJECTED", reason="EMPTY_FILE")
    world.transfer(7, "SUCCESS", arrived="2025-06-29T08:00:00.000000Z")
    world.transfer(8, "FAILED", customer=OTHER, workflow="another")
    world.transfer(9, "SUCCESS", customer=OTHER, workflow="another")
    world.transfer(10, "SUCCESS", name="file-1.csv", arrived="2025-06-29T09:00:00.000000Z")


def test_a_customer_s_files_come_days_backwards(world: World) -> None:
    found = world.items("/transfers", customerId=CUSTOMER)

    assert names(found) == ["file-7.csv", "file-1.csv", *[f"file-{number}.csv" for number in (6, 5, 4, 3, 2, 1)]]
    assert all(problems(f"{SCHEMA}/transferSummary", each) == [] for each in found)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"date": "2025-06-29"}, ["file-7.csv", "file-1.csv"]),
        ({"from": "2025-06-29"}, ["file-7.csv", "file-1.csv"]),
        ({"to": "2025-06-28T22:03:00Z"}, ["file-2.csv", "file-1.csv"]),
        ({"status": "PARTIAL"}, ["file-5.csv"]),
        ({"attention": "true"}, ["file-6.csv", "file-5.csv"]),
        ({"attention": "true", "status": "REJECTED"}, ["file-6.csv"]),
        ({"fileName": "file-1.csv"}, ["file-1.csv", "file-1.csv"]),
        ({"fileName": "never-came.csv"}, []),
        ({"workflowId": "another"}, []),
    ],
)
def test_what_else_a_list_of_a_customer_is_limited_to(world: World, query: dict[str, str], found: list[str]) -> None:
    assert names(world.items("/transfers", customerId=CUSTOMER, **query)) == found


def test_all_of_a_day_in_the_order_in_which_they_ended(world: World) -> None:
    # Given transfers in eight partitions of the index, and pages of two
    found = world.items("/transfers", date="2025-06-28")

    assert [each["transferId"] for each in found] == [f"{number:016x}" for number in (9, 8, 6, 5, 4, 3, 2, 1)]


def test_by_status_of_a_day_or_a_workflow(world: World) -> None:
    assert names(world.items("/transfers", date="2025-06-28", status="REJECTED")) == ["file-6.csv"]
    assert len(world.items("/transfers", workflowId=WORKFLOW, status="SUCCESS")) == 6
    assert names(world.items("/transfers", workflowId="another", status="FAILED")) == ["file-8.csv"]
    assert world.items("/transfers", workflowId="another", status="FAILED", date="2025-06-29") == []


def test_whoever_looks_after_one_customer_sees_no_other(world: World) -> None:
    assert {each["customerId"] for each in world.items("/transfers", "[ft-bank]", date="2025-06-28")} == {CUSTOMER}
    assert world.items("/transfers", "[ft-bank]", customerId=OTHER) == []
    assert world.items("/transfers", "[ft-bank]", customerId=OTHER, attention="true") == []
    theirs = write_key(transfer_item(8, "FAILED", customer=OTHER))
    for path in ("", "/audit"):
        assert world.ask("GET", f"/transfers/{theirs}{path}", groups="[ft-bank]").status == 404
    assert world.ask("POST", f"/transfers/{theirs}/retry", groups="[ft-bank]").status == 404


def test_a_cursor_is_good_for_its_own_list_alone(world: World) -> None:
    page = world.ask("GET", "/transfers", query={"limit": "2", "date": "2025-06-28"}).body
    other = {"limit": "2", "date": "2025-06-28", "cursor": page["nextCursor"]}

    assert world.ask("GET", "/transfers", query=other, groups="[ft-bank]").status == 400
    assert world.ask("GET", "/transfers", query={**other, "date": "2025-06-29"}).status == 400


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({}, "$query"),
        ({"status": "FAILED"}, "$query"),
        ({"workflowId": WORKFLOW}, "$query"),
        ({"fileName": "x"}, "$query.fileName"),
        ({"date": "yesterday"}, "$query.date"),
        ({"customerId": CUSTOMER, "from": "now"}, "$query.from"),
        ({"customerId": CUSTOMER, "from": "2025-06-29", "to": "2025-06-28"}, "$query.to"),
    ],
)
def test_questions_that_no_index_answers_are_refused(world: World, query: dict[str, str], path: str) -> None:
    answer = world.ask("GET", "/transfers", query=query)

    assert answer.status == 400 and paths(answer) == [path]


def test_a_transfer_is_shown_whole_and_nothing_internal(world: World) -> None:
    # Given one with everything that a status item can have
    item = world.transfer(
        11,
        "PARTIAL",
        duplicates=1,
        takeovers=["2025-06-28T22:11:10.000000Z"],
        replays=1,
        lastReplay="replay-1",
        replayedAt="2025-06-28T22:11:20.000000Z",
        replayedBy="user:ada",
        maxRetries=5,
        leaseUntil="2025-06-28T22:11:20.000000Z",
        leaseOwner="message-1",
    )
    # When it is read
    answer = world.ask("GET", f"/transfers/{write_key(item)}", groups="[ft-look]")
    # Then the answer is what the schema says, and says where each target is
    assert problems(f"{SCHEMA}/transfer", answer.body) == []
    assert answer.body["source"]["key"] == "from-sftp/bankpacific/file-11.csv"
    assert [(each["id"], each["state"]) for each in answer.body["targets"]] == [("s3", "SUCCEEDED"), ("sftp", "FAILED")]
    assert answer.body["targets"][1]["uri"] == "sftp://partner/bankpacific/file-11.csv"
    assert "message-1" not in answer.text and "PK" not in answer.body


def test_views_show_what_the_schema_names() -> None:
    definitions = load("file-transfer-api")["$defs"]
    named = {"transferKey", "transferId", "arrivedAt", "updatedAt"}
    whole = set(definitions["transfer"]["properties"])
    assert whole == {*views.TRANSFER, *named, *views.METADATA.values(), "targets", "source"}
    assert set(definitions["transferSummary"]["properties"]) == {*views.SUMMARY, *named}
    assert set(definitions["auditRecord"]["properties"]) == {*views.AUDIT, "revision"}
    assert set(definitions["notification"]["properties"]) == {*views.NOTIFICATION, "notificationKey"}
    assert set(definitions["expectation"]["properties"]) == {*views.WINDOW, "expectationKey"}
    assert set(definitions["replay"]["properties"]) == {*views.REPLAY, "replayId"}
    target = definitions["transfer"]["properties"]["targets"]["items"]["properties"]
    assert set(target) == {*views.TARGET, "id", "uri"}


def test_the_trail_is_told_with_its_hashes(world: World) -> None:
    item = transfer_item(5, "PARTIAL")
    answer = world.ask("GET", f"/transfers/{write_key(item)}/audit")

    assert [each["eventType"] for each in answer.body["items"]] == ["PARTIAL"]
    assert problems(f"{SCHEMA}/auditPage", answer.body) == []
    assert answer.body["items"][0]["revision"] == 1


def test_what_ended_short_of_its_targets_is_tried_again_once_a_key(world: World) -> None:
    item = transfer_item(5, "PARTIAL")
    path = f"/transfers/{write_key(item)}/retry"
    # When the same request comes twice, and another one
    answers = [world.ask("POST", path, {}, headers={"idempotency-key": "k"}) for _ in range(2)]
    other = world.ask("POST", path, {"confirmed": True}, "[ft-bank]")
    # Then the intake is told twice of one replay, and of another
    assert [each.status for each in (*answers, other)] == [202, 202, 202]
    sent = world.sqs.bodies(INTAKE)
    assert [problems("replay-message", each) for each in sent] == [[], [], []]
    assert (
        sent[0]
        == sent[1]
        == {
            "kind": "towpath.replay",
            "pk": item["PK"],
            "sk": item["SK"],
            "replayId": answers[0].body["replayId"],
            "by": "user:ada",
        }
    )
    assert sent[2]["replayId"] == other.body["replayId"] != sent[0]["replayId"] and sent[2]["confirmed"] is True


@pytest.mark.parametrize("status", ["SUCCESS", "IN_PROGRESS", "RETRYING", "SUPERSEDED"])
def test_what_is_done_or_under_way_is_not_tried_again(world: World, status: str) -> None:
    due = {"nextAttemptAt": "2025-06-28T22:30:00.000000Z"} if status == "RETRYING" else {}
    item = world.transfer(12, status, **due)
    answer = world.ask("POST", f"/transfers/{write_key(item)}/retry")

    assert (answer.status, answer.body["code"]) == (409, "WRONG_STATE")
    assert world.sqs.bodies(INTAKE) == []


def test_a_file_that_waits_for_its_group_is_looked_at_again(world: World) -> None:
    item = world.transfer(12, "HELD")
    answer = world.ask("POST", f"/transfers/{write_key(item)}/retry")

    assert answer.status == 202 and "replayId" not in answer.body
    assert [problems("retry-message", each) for each in world.sqs.bodies(INTAKE)] == [[]]


def test_retrying_needs_its_permission(world: World) -> None:
    path = f"/transfers/{write_key(transfer_item(5, 'PARTIAL'))}/retry"

    assert world.ask("POST", path, groups="[ft-view]").status == 403
    assert world.ask("POST", path, groups="[ft-bank]").status == 202
    assert world.invoke("POST", path).status == 202
    assert world.sqs.bodies(INTAKE)[-1]["by"] == "aws:arn:aws:iam::1:user/ada"


@pytest.mark.parametrize("name", ["plain.csv", "a#b%23.csv", "grüße 💶.csv", "x" * 1000])
def test_keys_lead_back_to_their_record(name: str) -> None:
    item = transfer_item(1, "SUCCESS", name=name, customer="C%23 & Co")
    key = read_key(write_key(item), TRANSFER)

    assert (key.pk, key.sk, key.owner) == (item["PK"], item["SK"], "C%23 & Co")
    assert read_key(write_key(item), FAILURE).pk == "FAILURE#" + item["PK"].removeprefix("FILE#")


@pytest.mark.parametrize("text", ["AAAA", "-_-_-_-_", "YQ", "YWFhYWFhYWE", "I2EjYiNj", "4pyT"])
def test_what_is_no_key_is_not_found(text: str) -> None:
    with pytest.raises(ApiProblem, match="404"):
        read_key(text, TRANSFER)
