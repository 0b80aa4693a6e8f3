"""Replays: judged by the definitions of now, once each, and what was reached stays reached."""

from __future__ import annotations

from typing import Any

import pytest

from file_transfer.errors import Transient
from shared.schemas import problems
from tests.unit.file_transfer.intake.async_world import AsyncWorld, outcome
from tests.unit.given import ARCHIVE, KEY, LANDING, SETTINGS, retry_message, transfer_event

REASON = "PERMISSION_DENIED"
TWO = {"s3": {"uri": f"s3://{ARCHIVE}/in/"}, "second": {"uri": "s3://second-bucket/in/"}}


@pytest.fixture
def world(dynamodb: Any) -> AsyncWorld:
    world = AsyncWorld(dynamodb)
    world.define(targets=TWO, targetType=None)
    return world


def replay(transfer: dict[str, Any], replay_id: str = "replay-1", **changes: Any) -> dict[str, Any]:
    """As the API orders it."""
    message = {"kind": "towpath.replay", "pk": transfer["pk"], "sk": transfer["sk"], "replayId": replay_id}
    return {**message, "by": "anna@example.com", **changes}


def failed(world: AsyncWorld, *reached: str) -> dict[str, Any]:
    """A transfer that ended short of its targets, and what it was."""
    world.event = world.upload()
    answer = world.take(world.event)
    world.finish(answer, "PARTIAL" if reached else "FAILED", REASON, [world.reached(each) for each in reached])
    world.clock.forward(3600)
    transfer: dict[str, Any] = answer["transfer"]
    return transfer


def test_a_replay_copies_what_is_left_by_the_definition_of_now(world: AsyncWorld) -> None:
    # Given a transfer that reached one of two targets, and a definition with another place for the second
    transfer = failed(world, "s3")
    world.define(targets={**TWO, "second": {"uri": "s3://mended-bucket/in/"}}, targetType=None)
    # When it is replayed
    answer = world.take(replay(transfer), "m2")
    # Then only the second is copied, to its new place, in a round of its own
    assert [(each["id"], each["bucket"], each["operation"][-4:]) for each in answer["targets"]] == [
        ("second", "mended-bucket", "r1-0")
    ]
    assert (answer["action"], answer["transfer"]["attempt"], answer["transfer"]["delivered"]) == ("COPY", 2, 1)
    # And the item says who wanted it, and is one change further
    item = world.item()
    assert (item["status"], item["replays"], item["lastReplay"], item["replayedBy"]) == (
        "IN_PROGRESS",
        1,
        "replay-1",
        "anna@example.com",
    )
    assert (item["retryCount"], item["revision"], "failureReason" in item) == (0, 2, False)
    assert problems("status-item", item) == []


def test_a_replay_takes_place_once(world: AsyncWorld) -> None:
    # Given a replay that failed again
    transfer = failed(world)
    again = world.take(replay(transfer), "m2")
    world.finish(again, "FAILED", REASON)
    # When its message comes a second time, then it is dropped, and another replay is not
    assert world.take(replay(transfer), "m3")["action"] == "DROP"
    assert world.take(replay(transfer, "replay-2"), "m4")["action"] == "COPY"
    assert world.item()["replays"] == 2


def test_a_replay_whose_worker_died_is_taken_over_by_its_own_message(world: AsyncWorld) -> None:
    transfer = failed(world)
    world.take(replay(transfer), "m2")
    answer = world.take(replay(transfer), "m2", receives=2)
    assert (answer["action"], answer["transfer"]["attempt"], world.item()["replays"]) == ("COPY", 3, 1)


@pytest.mark.parametrize("status", ["SUCCESS", "SUPERSEDED", "RETRYING", "HELD", "IN_PROGRESS"])
def test_only_what_ended_short_is_replayed(world: AsyncWorld, status: str) -> None:
    answer = world.take(world.upload())
    if status != "IN_PROGRESS":
        world.finish(answer, status)
    before = world.item()
    assert world.take(replay(answer["transfer"]), "m2")["reason"] == "NOT_FAILED"
    assert world.item() == before


def test_a_replay_of_nothing_is_dropped(world: AsyncWorld) -> None:
    assert world.take(replay({"pk": "FILE#a#b", "sk": "TS#c#d"}))["reason"] == "NOT_FOUND"


def test_a_definition_that_refuses_it_leaves_what_was_reached(world: AsyncWorld) -> None:
    # Given a transfer that reached one target, and a workflow that was disabled
    transfer = failed(world, "s3")
    world.define(targets=TWO, targetType=None, enabled=False)
    # When it is replayed, and again once the workflow is enabled
    refused = world.take(replay(transfer), "m2")
    world.finish(refused, "REJECTED", "WORKFLOW_DISABLED")
    world.define(targets=TWO, targetType=None)
    answer = world.take(replay(transfer, "replay-2"), "m3")
    # Then it was rejected, and afterwards only the other target is copied
    assert (refused["action"], refused["reason"]) == ("REVIEW", "WORKFLOW_DISABLED")
    assert [each["id"] for each in answer["targets"]] == ["second"]
    assert "review" not in world.item()


def test_a_target_that_is_no_longer_defined_stays_on_record(world: AsyncWorld) -> None:
    transfer = failed(world, "s3")
    world.define(targets={"second": TWO["second"]}, targetType=None)
    answer = world.take(replay(transfer), "m2")
    assert [each["id"] for each in answer["targets"]] == ["second"]
    assert world.item()["targets"]["s3"]["state"] == "SUCCEEDED"


def test_deaths_before_a_replay_do_not_count(world: AsyncWorld) -> None:
    # Given a transfer whose workers kept dying
    event = world.upload()
    for receives in range(1, SETTINGS.max_receives + 1):
        answer = world.take(event, receives=receives)
    assert answer["reason"] == "ATTEMPTS_EXHAUSTED"
    world.finish(answer, "FAILED", "ATTEMPTS_EXHAUSTED")
    # When it is replayed, and its worker dies once more
    world.take(replay(answer["transfer"]), "m2")
    # Then it goes on
    assert world.take(replay(answer["transfer"]), "m2", receives=2)["action"] == "COPY"


def test_a_version_that_is_gone_is_rejected_again(world: AsyncWorld) -> None:
    transfer = failed(world)
    world.s3.delete(LANDING, KEY)
    answer = world.take(replay(transfer), "m2")
    assert (answer["action"], answer["reason"], len(world.items())) == ("REVIEW", "NOT_FOUND", 1)


class TestUploads:
    """Verdicts on the upload itself."""

    def test_a_failed_upload_stays_rejected_unless_somebody_vouches_for_it(self, world: AsyncWorld) -> None:
        # Given half a file
        version = world.s3.put(LANDING, KEY, b"con")
        first = world.take(transfer_event(failed="PARTIAL_UPLOAD", etag=version.etag, bytes=3))
        world.finish(first, "REJECTED", "PARTIAL_UPLOAD")
        # When it is replayed, then the verdict stands
        again = world.take(replay(first["transfer"]), "m2")
        assert (again["action"], again["reason"]) == ("REVIEW", "PARTIAL_UPLOAD")
        world.finish(again, "REJECTED", "PARTIAL_UPLOAD")
        # And when somebody says that it is whole, it is delivered
        assert world.take(replay(first["transfer"], "replay-2", confirmed=True), "m3")["action"] == "COPY"

    def test_what_nobody_confirmed_waits_for_somebody(self, world: AsyncWorld) -> None:
        # Given an upload that the sweep found, and of which the server's log says nothing
        version = world.s3.put(LANDING, KEY, b"content")
        message = {"bucket": LANDING, "key": KEY, "versionId": version.version_id, "triggeredBy": "Sweep"}
        first = world.take({**message, "confirmed": False})
        # Then it is quarantined
        assert (first["action"], first["status"], first["reason"]) == ("REVIEW", "REJECTED", "UNCONFIRMED_UPLOAD")
        assert world.item()["metadata"]["triggeredBy"] == "Sweep"
        world.finish(first, "REJECTED", "UNCONFIRMED_UPLOAD")
        assert world.take(replay(first["transfer"]), "m2")["reason"] == "UNCONFIRMED_UPLOAD"

    def test_an_event_that_vouches_for_it_releases_it(self, world: AsyncWorld) -> None:
        version = world.s3.put(LANDING, KEY, b"content")
        first = world.take({"bucket": LANDING, "key": KEY, "versionId": version.version_id, "confirmed": False})
        world.finish(first, "REJECTED", "UNCONFIRMED_UPLOAD")
        assert world.take(transfer_event(etag=version.etag, bytes=7), "m2")["action"] == "COPY"

    def test_an_upload_that_left_nothing_is_not_taken_for_another(self, world: AsyncWorld) -> None:
        # Given a failed upload that left no object, and a good one afterwards
        first = world.take(transfer_event(failed="PARTIAL_UPLOAD"))
        world.finish(first, "REJECTED", "PARTIAL_UPLOAD")
        world.s3.put(LANDING, KEY, b"content")
        # When the first is replayed by somebody who vouches for it
        answer = world.take(replay(first["transfer"], confirmed=True), "m2")
        # Then the good one is not delivered in its name
        assert (answer["action"], answer["reason"]) == ("REVIEW", "NOT_FOUND")


def test_what_a_message_named_itself_is_judged_again(world: AsyncWorld) -> None:
    # Given a transfer to targets of its message
    world.s3.put(LANDING, KEY, b"content")
    named = {"workflowId": "copy-sftp-to-s3-and-sftp", "targets": {"own": "s3://own-bucket/in/"}}
    first = world.take({"bucket": LANDING, "key": KEY, **named})
    assert world.item()["requested"] == named
    world.finish(first, "FAILED", REASON)
    # When it is replayed
    answer = world.take(replay(first["transfer"]), "m2")
    # Then it goes there
    assert [(each["id"], each["bucket"]) for each in answer["targets"]] == [("own", "own-bucket")]


class TestElsewhere:
    """A replay that finds another customer."""

    @pytest.fixture
    def transfer(self, world: AsyncWorld) -> dict[str, Any]:
        transfer = failed(world)
        world.define(targets=TWO, targetType=None, customerId="othercustomer")
        return transfer

    @staticmethod
    def by_customer(world: AsyncWorld) -> dict[str, dict[str, Any]]:
        return {item["customerId"]: item for item in world.items()}

    def test_goes_on_under_that_customers_key(self, world: AsyncWorld, transfer: dict[str, Any]) -> None:
        # When it is replayed
        answer = world.take(replay(transfer), "m2")
        # Then a transfer of that customer is claimed, and the old one says where it went
        items = self.by_customer(world)
        old, new = items["bankpacific"], items["othercustomer"]
        assert (answer["action"], answer["transfer"]["pk"]) == ("COPY", new["PK"])
        assert (old["status"], old["replayedAs"], old["revision"]) == ("FAILED", new["PK"], 2)
        assert (new["replayOf"], new["revision"], answer["transfer"]["round"]) == (old["PK"], 0, "1-0")
        assert [problem for item in items.values() for problem in problems("status-item", item)] == []
        # And the old one is not replayed again
        assert world.take(replay(transfer, "replay-2"), "m3")["reason"] == "REPLAYED"

    def test_goes_on_there_when_its_worker_died(self, world: AsyncWorld, transfer: dict[str, Any]) -> None:
        world.take(replay(transfer), "m2")
        # When the message comes again, twice
        again = [world.take(replay(transfer), "m2", receives=number) for number in (2, 3)]
        # Then it is taken over through the old one
        new = self.by_customer(world)["othercustomer"]
        assert [(each["action"], each["transfer"]["attempt"]) for each in again] == [("COPY", 2), ("COPY", 3)]
        assert {each["transfer"]["pk"] for each in again} == {new["PK"]}

    @pytest.mark.parametrize("same_replay", [True, False])
    def test_takes_place_in_one_place_however_it_is_judged(
        self, world: AsyncWorld, transfer: dict[str, Any], monkeypatch: pytest.MonkeyPatch, *, same_replay: bool
    ) -> None:
        # Given a worker that read the old definition, and replays it in its place while another one looks
        store, replay_id = world.intake.store, "replay-1" if same_replay else "replay-2"
        look = store.get

        def slow(key: Any) -> dict[str, Any]:
            found = look(key)
            monkeypatch.undo()
            world.define(targets=TWO, targetType=None)
            assert world.take(replay(transfer, replay_id), "m2")["action"] == "COPY"
            world.define(targets=TWO, targetType=None, customerId="othercustomer")
            return found

        monkeypatch.setattr(store, "get", slow)
        # When the other one has read the new definition
        if same_replay:
            assert world.take(replay(transfer), "m3")["reason"] == "DUPLICATE"
        else:
            with pytest.raises(Transient):
                world.take(replay(transfer), "m3")
        # Then there is one transfer, and it is where it was
        assert list(self.by_customer(world)) == ["bankpacific"]

    def test_stays_where_it_is_if_it_is_rejected(self, world: AsyncWorld, transfer: dict[str, Any]) -> None:
        world.define(targets=TWO, targetType=None, customerId="othercustomer", enabled=False)
        answer = world.take(replay(transfer), "m2")
        assert (answer["reason"], list(self.by_customer(world))) == ("WORKFLOW_DISABLED", ["bankpacific"])


def test_a_late_success_of_what_had_failed_is_found_by_a_replay(world: AsyncWorld) -> None:
    # Given a delivery that was given up for good
    world.define(targets={"bank": {"uri": "sftp-connector://bank/in/"}}, targetType=None, maxRetries=0)
    first = world.started()
    closing = world.take(outcome(first, "bank", "FAILED", reason="TIMEOUT"), "m2")
    world.finish(closing, "FAILED", "TIMEOUT")
    # When it turns out that it was made, and the transfer is replayed
    world.take(outcome(first, "bank"), "m3")
    answer = world.take(replay(first["transfer"]), "m4")
    # Then it is not sent again
    assert (answer["action"], answer["results"]) == ("CLOSE", [{"id": "bank", "state": "SUCCEEDED"}])


def test_a_replayed_transfer_is_retried_like_any_other(world: AsyncWorld) -> None:
    transfer = failed(world)
    answer = world.take(replay(transfer), "m2")
    world.finish(answer, "RETRYING", "TRANSIENT")
    world.clock.forward(60)
    retried = world.take(retry_message(answer["transfer"]), "m3")
    assert (retried["action"], retried["transfer"]["round"]) == ("COPY", "1-1")


def test_a_replay_message_says_what_is_wrong_with_it(world: AsyncWorld) -> None:
    answer = world.take({"kind": "towpath.replay", "pk": "FILE#a#b", "sk": "TS#c#d"})
    assert (answer["action"], answer["reason"]) == ("REVIEW", "UNREADABLE_MESSAGE")
    assert "replay-message" in answer["message"] and "$.replayId" in answer["message"]
