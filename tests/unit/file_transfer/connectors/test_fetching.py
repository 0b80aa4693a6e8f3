"""Files of a remote folder: fetched once they have settled, checked, landed once, and taken away afterwards."""

from __future__ import annotations

import json
from typing import Any

import pytest

from file_transfer.connectors import pulls
from file_transfer.connectors.pulls import FETCHING, LANDED, SEEN, Pulled, rule_of
from file_transfer.errors import Rejection
from shared.dynamodb import from_item
from tests.unit.file_transfer.connectors.world import (
    ALIAS,
    CONNECTOR,
    EXCHANGE,
    LANDING,
    SETTINGS,
    WORKFLOW,
    World,
    lost,
    refusal,
)

FILE = {"filePath": "/out/a.csv", "modifiedTimestamp": "2025-06-28T20:00:00Z", "size": 3}


@pytest.fixture(autouse=True)
def _pull(world: World) -> None:
    world.workflow()


def list_folder(world: World, *files: dict[str, Any], truncated: Any = False) -> str:
    """A listing as it comes about: begun by the schedule, written by the connector, told by its event."""
    world.watcher.begin_listings("wf")
    key = str(world.pulls.listings("wf")["outputKey"])
    body = json.dumps({"files": list(files), "paths": [{"path": "/out/sub"}], "truncated": truncated})
    world.bucket.objects[EXCHANGE, key] = body.encode()
    location = {"domain": "S3", "bucket": EXCHANGE, "key": key}
    detail = {"connector-id": CONNECTOR, "output-file-location": location, "truncated": truncated}
    message = {
        "source": "aws.transfer",
        "detail-type": "SFTP Connector Directory Listing Completed",
        "detail": detail,
    }
    return world.hearer.hear(message)


def fetched(world: World, file: Pulled, end: str = "Completed", body: bytes = b"abc", **detail: Any) -> str:
    """The connector's event about a file that it was to fetch."""
    key = f"inbox/wf/{file.batch}/{file.name}"
    if end == "Completed":
        world.bucket.objects[EXCHANGE, key] = body
    location = {"local-file-location": {"domain": "S3", "bucket": EXCHANGE, "key": key}}
    message = {
        "source": "aws.transfer",
        "detail-type": f"SFTP Connector File Retrieve {end}",
        "detail": {"connector-id": CONNECTOR, "transfer-id": "t", "file-path": file.path, **location, **detail},
    }
    return world.hearer.hear(message)


def remembered(world: World, path: str = "/out/a.csv") -> Pulled:
    found = world.pulls.file("wf", path)
    assert found is not None
    return found


def settle(world: World, *files: dict[str, Any]) -> Pulled:
    """A file that was listed twice without a change, and is being fetched."""
    list_folder(world, *files)
    world.wait(61)
    list_folder(world, *files)
    return remembered(world, files[0]["filePath"])


def test_a_file_is_fetched_once_it_has_not_changed_for_a_while(world: World) -> None:
    list_folder(world, FILE)
    assert remembered(world).state == SEEN
    world.wait(30)
    list_folder(world, FILE)
    assert world.transfer.made("StartFileTransfer") == []
    # When
    world.wait(31)
    list_folder(world, FILE)
    # Then
    (call,) = world.transfer.made("StartFileTransfer")
    file = remembered(world)
    assert call == {
        "ConnectorId": CONNECTOR,
        "RetrieveFilePaths": ["/out/a.csv"],
        "LocalDirectoryPath": f"/{EXCHANGE}/inbox/wf/{file.batch}",
    }
    assert (file.state, world.table.pending(ALIAS)) == (FETCHING, 1)


def test_a_file_that_grows_is_left_until_it_stops(world: World) -> None:
    list_folder(world, FILE)
    for size in (4, 5, 6):
        world.wait(61)
        list_folder(world, {**FILE, "size": size})
    assert world.transfer.made("StartFileTransfer") == []
    world.wait(61)
    list_folder(world, {**FILE, "size": 6})
    assert len(world.transfer.made("StartFileTransfer")) == 1


def test_a_fetched_file_lands_once(world: World) -> None:
    file = settle(world, FILE)
    # When its event comes, twice
    assert [fetched(world, file) for _ in range(2)] == ["ended", "known"]
    # Then
    assert world.bucket.copies == [(LANDING, "from-bank/a.csv")]
    assert (remembered(world).state, world.table.pending(ALIAS)) == (LANDED, 0)
    # And later listings find nothing to do
    world.wait(600)
    list_folder(world, FILE)
    assert len(world.transfer.made("StartFileTransfer")) == 1


def test_a_file_that_is_put_there_anew_is_fetched_anew(world: World) -> None:
    fetched(world, settle(world, FILE))
    newer = {**FILE, "modifiedTimestamp": "2025-06-28T21:00:00Z"}
    fetched(world, settle(world, newer))
    assert len(world.bucket.copies) == len(world.transfer.made("StartFileTransfer")) == 2


def test_a_file_of_another_size_than_listed_does_not_land(world: World) -> None:
    file = settle(world, FILE)
    fetched(world, file, body=b"ab")
    assert world.bucket.copies == []
    assert (remembered(world).state, world.table.pending(ALIAS)) == (SEEN, 0)
    # And it has to settle again
    list_folder(world, FILE)
    assert len(world.transfer.made("StartFileTransfer")) == 1
    world.wait(61)
    list_folder(world, FILE)
    assert len(world.transfer.made("StartFileTransfer")) == 2


def test_a_fetch_that_fails_is_made_again_with_the_next_listing(world: World) -> None:
    file = settle(world, FILE)
    fetched(world, file, "Failed", **{"failure-code": "CONNECTION_ERROR"})
    assert (remembered(world).state, world.table.pending(ALIAS)) == (SEEN, 0)
    list_folder(world, FILE)
    assert len(world.transfer.made("StartFileTransfer")) == 2
    # And an event of the fetch before is not taken for one of this
    assert fetched(world, file) == "known"


def test_a_start_that_nobody_answered_is_known_by_its_event(world: World) -> None:
    list_folder(world, FILE)
    world.wait(61)
    world.transfer.says = [None, lost()]
    list_folder(world, FILE)
    file = remembered(world)
    assert (file.state, file.transfer_id) == (FETCHING, "")
    assert fetched(world, file) == "ended"
    assert world.bucket.copies == [(LANDING, "from-bank/a.csv")]


def test_a_start_that_was_refused_is_made_again_with_the_next_listing(world: World) -> None:
    list_folder(world, FILE)
    world.wait(61)
    world.transfer.says = [None, refusal("ThrottlingException")]
    list_folder(world, FILE)
    assert (remembered(world).state, world.table.pending(ALIAS)) == (SEEN, 0)
    list_folder(world, FILE)
    assert remembered(world).state == FETCHING


def test_fetches_keep_to_what_the_connector_takes(world: World) -> None:
    world.workflow(settleSeconds=0)
    list_folder(world, *({**FILE, "filePath": f"/out/{number:02}.csv"} for number in range(35)))
    assert [len(each["RetrieveFilePaths"]) for each in world.transfer.made("StartFileTransfer")] == [10, 10]
    assert world.table.pending(ALIAS) == SETTINGS.max_pending


@pytest.mark.parametrize("name", ["a.csv.filepart", "a.tmp", "b.txt", "..", "n" * 1020 + ".csv"])
def test_only_the_files_that_are_asked_for_are_fetched(world: World, name: str) -> None:
    world.workflow(namePattern=r"\.(csv|tmp)", settleSeconds=0)
    list_folder(world, {**FILE, "filePath": f"/out/{name}"})
    assert world.transfer.made("StartFileTransfer") == []


def test_without_settling_a_file_is_fetched_at_first_sight(world: World) -> None:
    world.workflow(settleSeconds=0)
    list_folder(world, FILE)
    assert remembered(world).state == FETCHING


def test_what_the_server_does_not_tell_is_not_compared(world: World) -> None:
    bare = {"filePath": "/out/a.csv"}
    file = settle(world, bare)
    fetched(world, file, body=b"whatever")
    assert remembered(world).state == LANDED


@pytest.mark.parametrize(
    ("pull", "operation", "request_"),
    [
        ({"afterwards": "DELETE"}, "StartRemoteDelete", {"DeletePath": "/out/a.csv"}),
        (
            {"afterwards": "MOVE", "moveTo": "/done/"},
            "StartRemoteMove",
            {"SourcePath": "/out/a.csv", "TargetPath": "/done/a.csv"},
        ),
    ],
)
def test_a_file_is_taken_away_after_it_has_landed(
    world: World, pull: dict[str, str], operation: str, request_: dict[str, str]
) -> None:
    world.workflow(**pull)
    file = settle(world, FILE)
    world.wait(1)
    list_folder(world, FILE)
    assert world.transfer.made(operation) == []
    fetched(world, file)
    # When a listing that began later still shows it
    world.wait(60)
    list_folder(world, FILE)
    list_folder(world, FILE)
    # Then it is taken away, once
    assert world.transfer.made(operation) == [{"ConnectorId": CONNECTOR, **request_}]


def test_a_file_that_could_not_be_moved_is_tried_again_under_a_name_of_its_own(world: World) -> None:
    world.workflow(afterwards="MOVE", moveTo="/done")
    file = settle(world, FILE)
    fetched(world, file)
    for _ in range(2):
        world.wait(601)
        list_folder(world, FILE)
    first, second = [each["TargetPath"] for each in world.transfer.made("StartRemoteMove")]
    assert first == "/done/a.csv"
    assert second == f"/done/a.{file.id}-1.csv"


def test_a_file_is_not_taken_away_on_what_an_old_listing_says(world: World) -> None:
    world.workflow(afterwards="DELETE")
    fetched(world, settle(world, FILE))
    world.wait(60)
    world.watcher.begin_listings("wf")
    key = str(world.pulls.listings("wf")["outputKey"])
    world.bucket.objects[EXCHANGE, key] = json.dumps({"files": [FILE]}).encode()
    # When it is worked through long after
    world.wait(3600)
    rule = rule_of({**WORKFLOW, "pull": {**WORKFLOW["pull"], "afterwards": "DELETE"}})  # type: ignore[dict-item]
    assert rule is not None
    world.puller.listed(rule, key)
    # Then another file may be there by now
    assert world.transfer.made("StartRemoteDelete") == []


def test_a_listing_that_comes_after_a_later_one_says_nothing_new(world: World) -> None:
    world.watcher.begin_listings("wf")
    stale = str(world.pulls.listings("wf")["outputKey"])
    world.bucket.objects[EXCHANGE, stale] = json.dumps({"files": [{**FILE, "size": 1}]}).encode()
    fetched(world, settle(world, FILE))
    rule = rule_of(WORKFLOW)
    assert rule is not None
    assert world.puller.listed(rule, stale) == 0
    assert remembered(world).state == LANDED


def test_a_listing_that_does_not_hold_all_files_still_says_what_it_holds(world: World) -> None:
    world.workflow(settleSeconds=0)
    list_folder(world, FILE, truncated="true")
    assert remembered(world).state == FETCHING


def test_a_workflow_that_is_gone_leaves_the_connector_free(world: World, dynamodb: Any) -> None:
    file = settle(world, FILE)
    dynamodb.delete_item(TableName="WorkflowDefinition", Key={"PK": {"S": "WORKFLOW#wf"}})
    assert fetched(world, file) == "ended"
    assert (world.bucket.copies, world.table.pending(ALIAS)) == ([], 0)


def test_what_is_still_there_is_not_forgotten(world: World, dynamodb: Any) -> None:
    fetched(world, settle(world, FILE))
    world.wait(SETTINGS.memory_days * 86400 * 0.6)
    list_folder(world, FILE)
    key = {name: {"S": value} for name, value in pulls.pulled_key("wf", "/out/a.csv").items()}
    item = from_item(dynamodb.get_item(TableName=SETTINGS.connector_table, Key=key)["Item"])
    assert item["expiresAt"] > world.now.timestamp() + SETTINGS.memory_days * 86400 * 0.9


def test_a_rule_may_be_stored_as_text() -> None:
    rule = rule_of({**WORKFLOW, "pull": json.dumps(WORKFLOW["pull"])})
    assert rule is not None
    assert (rule.directory, rule.landing_prefix) == ("/out", "from-bank/")
    assert rule_of({"workflowId": "wf"}) is None


@pytest.mark.parametrize(
    "item",
    [
        {**WORKFLOW, "pull": "{"},
        {**WORKFLOW, "pull": {"connector": ALIAS}},
        {**WORKFLOW, "pull": {"connector": ALIAS, "directory": "/out", "namePattern": "("}},
        {**WORKFLOW, "pull": {"connector": ALIAS, "directory": "/out", "afterwards": "MOVE"}},
        {**WORKFLOW, "sourcePrefix": ""},
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused(item: dict[str, Any]) -> None:
    with pytest.raises(Rejection) as refused:
        rule_of(item)
    assert refused.value.reason == "INVALID_DEFINITION"
