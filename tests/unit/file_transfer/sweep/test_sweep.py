"""What the sweep finds, what it says about it, and where it goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from file_transfer.errors import Transient
from file_transfer.settings import DELIVER
from file_transfer.sweep import place, sweeper
from file_transfer.sweep.versions import without_nested
from shared.clock import stamp
from shared.dynamodb import from_item
from shared.schemas import problems
from tests.unit.file_transfer.sweep.sweep_world import SweepWorld
from tests.unit.given import LANDING, definition
from tests.unit.moto_tables import put

ORDER = "from-s3/acme/order.json"
UPLOAD = "from-sftp/bankpacific/bankpacific_balances_2025-06-28.csv"


@pytest.fixture(autouse=True)
def _few_days(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each day that is looked at is a dozen queries, which moto takes its time for."""
    monkeypatch.setattr(sweeper, "UNFINISHED_DAYS", 1)


@pytest.fixture
def world(dynamodb: Any) -> SweepWorld:
    return SweepWorld(dynamodb)


def test_an_arrival_that_no_event_announced_is_sent_for(world: SweepWorld) -> None:
    # Given an object without a record
    version_id = world.versions.put(ORDER, world.ago(minutes=5))

    # When the sweep runs
    report = world.sweep()

    # Then the intake hears of exactly this version
    assert report.arrivals_found == 1
    assert world.sqs.sent == [
        {
            "bucket": LANDING,
            "key": ORDER,
            "etag": "e1",
            "versionId": version_id,
            "sourceType": "S3",
            "triggeredBy": "Sweep",
        }
    ]
    assert problems("canonical-message", world.sqs.sent[0]) == []


def test_what_has_a_record_is_left_alone(world: SweepWorld) -> None:
    arrived = world.ago(minutes=5)
    world.record(ORDER, world.versions.put(ORDER, arrived), arrived)

    assert world.sweep().arrivals_found == 0


def test_every_version_counts_and_not_only_the_newest(world: SweepWorld) -> None:
    # Given an overwritten version that was lost, and the newest that was not
    world.versions.put(ORDER, world.ago(minutes=9))
    newest = world.ago(minutes=5)
    world.record(ORDER, world.versions.put(ORDER, newest), newest)

    world.sweep()

    assert [each["versionId"] for each in world.sqs.sent] == ["v1"]


@pytest.mark.parametrize("name", ["a.filepart", "b.tmp", "c.part", "folder/"])
def test_what_is_no_file_yet_is_no_arrival(world: SweepWorld, name: str) -> None:
    world.versions.put(f"from-s3/acme/{name}", world.ago(minutes=5))

    assert world.sweep().arrivals_found == 0


def test_events_have_their_time_first(world: SweepWorld) -> None:
    # Given an object of this moment
    world.versions.put(ORDER, world.ago(seconds=10))
    assert world.sweep().arrivals_found == 0

    # When it has settled
    world.clock.forward(60)

    # Then it counts
    assert world.sweep().arrivals_found == 1


def test_keys_outside_of_the_prefixes_are_nobodys(world: SweepWorld) -> None:
    world.versions.put("elsewhere/a.csv", world.ago(minutes=5))

    assert world.sweep().arrivals_found == 0


def test_a_file_of_nobody_is_announced_too(world: SweepWorld) -> None:
    # Given a key that no definition covers: its event would have ended in manual review
    world.versions.put("from-sftp/nobody/a.csv", world.ago(minutes=5))

    assert world.sweep().arrivals_found == 1


def test_a_transfer_of_another_customer_than_the_definition_says_is_known(world: SweepWorld) -> None:
    # Given a message that named the customer itself
    arrived = world.ago(minutes=5)
    version_id = world.versions.put(ORDER, arrived)
    world.record(ORDER, version_id, arrived, customerId="somebody-else")

    # Then the file is not sent for, which would deliver it twice
    assert world.sweep().arrivals_found == 0


def test_a_definition_that_changed_its_customer_doubles_nothing(world: SweepWorld) -> None:
    arrived = world.ago(minutes=5)
    world.record(ORDER, world.versions.put(ORDER, arrived), arrived)
    put(world.dynamodb, "WorkflowDefinition", definition(workflowId="orders", sourcePrefix="from-s3/",
                                                         customerId="renamed"))  # fmt: skip

    assert world.sweep().arrivals_found == 0


def test_each_arrival_is_asked_about_again_until_it_has_a_record(world: SweepWorld) -> None:
    # Given a message that the queue lost, or has not handed on
    arrived = world.ago(minutes=5)
    version_id = world.versions.put(ORDER, arrived)
    world.sweep()
    world.clock.forward(300)

    # When it runs again, and again once the record is there
    again = world.sweep()
    world.record(ORDER, version_id, arrived)
    world.clock.forward(300)
    settled = world.sweep()

    # Then it was sent twice, and the intake drops the second
    assert (again.arrivals_found, settled.arrivals_found) == (1, 0)


def test_a_queue_that_is_far_behind_is_not_filled_further(world: SweepWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given more arrivals than are asked about twice
    monkeypatch.setattr(place, "MOST_ASKED_AGAIN", 1)
    for number in range(4):
        world.versions.put(f"from-s3/acme/{number}.json", world.ago(minutes=5))
    assert world.sweep().arrivals_found == 4

    # When the next run comes
    world.clock.forward(300)

    # Then it trusts the queue, until the next deep pass
    assert world.sweep().arrivals_found == 0
    world.clock.forward(6 * 3600)
    assert world.sweep().arrivals_found == 4


def test_settled_arrivals_are_looked_up_once(world: SweepWorld) -> None:
    # Given arrivals that were all looked up
    arrived = world.ago(minutes=5)
    world.record(ORDER, world.versions.put(ORDER, arrived), arrived)
    world.sweep()
    asked: list[Any] = []
    world.dynamodb.meta.events.register("before-call.dynamodb.BatchGetItem", lambda **call: asked.append(call))

    # When the next run comes
    world.clock.forward(300)
    world.sweep()

    # Then none is read again
    assert asked == []


def test_an_object_that_appears_late_is_found_by_a_deep_pass(world: SweepWorld) -> None:
    # Given an upload in parts that took hours: it has the time of its beginning
    world.sweep()
    world.versions.put(ORDER, world.ago(hours=3))
    world.clock.forward(900)
    assert world.sweep().arrivals_found == 0

    # When a quarter of the look-back time has gone by
    world.clock.forward(6 * 3600)

    # Then it is found
    assert world.sweep().arrivals_found == 1


def test_what_is_older_than_the_look_back_is_history(world: SweepWorld) -> None:
    world.versions.put(ORDER, world.ago(hours=25))

    assert world.sweep().arrivals_found == 0


def test_a_run_without_time_left_is_gone_on_with_by_the_next(world: SweepWorld) -> None:
    # Given more than a page of arrivals in two prefixes, and time for one page a run
    for number in range(5):
        world.versions.put(f"from-s3/acme/{number}.json", world.ago(minutes=5))
    world.versions.put("from-sftp/bankpacific/a.csv", world.ago(minutes=5))

    # When workers follow each other that remember nothing
    reports = []
    for _ in range(3):
        left = iter([300.0, 1.0])
        world.sweeper = world.new_worker()
        reports.append(world.sweep(lambda left=left: next(left)))  # type: ignore[misc]

    # Then together they see everything once
    assert [report.behind for report in reports] == [True, True, False]
    assert sorted(world.sent_keys()) == sorted(
        [f"from-s3/acme/{number}.json" for number in range(5)] + ["from-sftp/bankpacific/a.csv"]
    )


def test_a_run_costs_so_many_listing_requests_at_most(world: SweepWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a bucket of three pages, and runs of two
    monkeypatch.setattr(sweeper, "MOST_PAGES", 2)
    for number in range(7):
        world.versions.put(f"from-s3/acme/{number}.json", world.ago(minutes=5))

    # When two runs follow each other
    reports = [world.sweep(), world.sweep()]

    # Then the second ends the pass
    assert [(report.arrivals_found, report.behind) for report in reports] == [(6, True), (1, False)]


def test_two_runs_at_once_do_not_lose_the_place(world: SweepWorld) -> None:
    # Given a run that another overtakes between its reading and its writing
    world.versions.put(ORDER, world.ago(minutes=5))
    other = world.new_worker()
    taken = world.sweeper.places.read()
    other.sweep(lambda: 300.0)

    # When the slower one writes
    late = place.next_pass(taken, world.clock(), 60, 24)

    # Then it is refused
    assert world.sweeper.places.save(late) is None
    assert other.places.read().under_way is None


def test_the_place_is_an_item_as_its_schema_has_it(world: SweepWorld) -> None:
    for number in range(5):
        world.versions.put(f"from-s3/acme/{number}.json", world.ago(minutes=5))
    left = iter([300.0, 1.0])

    world.sweep(lambda: next(left))

    item = from_item(world.dynamodb.scan(TableName="FileTransferControl")["Items"][0])
    assert problems("sweep-place", item) == []
    assert item["pass"]["found"] == 3


def test_entries_that_the_queue_refuses_are_sent_again(world: SweepWorld) -> None:
    world.versions.put(ORDER, world.ago(minutes=5))
    world.sqs.refuse = 1

    world.sweep()

    assert world.sent_keys() == [ORDER]


def test_a_queue_that_keeps_refusing_fails_the_run_and_keeps_the_place(
    world: SweepWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a queue that takes nothing
    world.versions.put(ORDER, world.ago(minutes=5))
    refuse = lambda **call: {"Failed": [{"Id": each["Id"]} for each in call["Entries"]]}  # noqa: E731
    with monkeypatch.context() as broken:
        broken.setattr(world.sqs, "send_message_batch", refuse)
        with pytest.raises(Transient):
            world.sweep()

    # When it takes messages again
    world.sweep()

    # Then nothing was lost
    assert world.sent_keys() == [ORDER]


def test_nothing_is_sent_into_a_queue_that_nobody_empties(world: SweepWorld) -> None:
    # Given a stopped pipe
    world.versions.put(ORDER, world.ago(minutes=5))
    world.pipes.state = "STOPPED"
    assert world.sweep().arrivals_found == 0

    # When it runs again
    world.pipes.state = "RUNNING"

    # Then the arrival is found
    assert world.sweep().arrivals_found == 1


@pytest.mark.parametrize(
    ("prefixes", "kept"),
    [((), ("",)), (("b/", "a/"), ("a/", "b/")), (("a/b/", "a/", "ab/"), ("a/", "ab/"))],
)
def test_nested_prefixes_are_listed_once(prefixes: tuple[str, ...], kept: tuple[str, ...]) -> None:
    assert without_nested(prefixes) == kept


class TestUploads:
    """Keys below the SFTP prefix: half an upload looks like a whole one."""

    def put(self, world: SweepWorld, etag: str = "e1") -> None:
        world.versions.put(UPLOAD, world.ago(minutes=10), 7, etag)

    def verdict_on_the_upload(self, world: SweepWorld) -> bool:
        world.sweep()
        (message,) = world.sqs.sent
        assert message["sourceType"] == "SFTP"
        assert problems("canonical-message", message) == []
        return bool(message.get("confirmed", True))

    def line(self, world: SweepWorld, kind: str, size: int = 7, **after: float) -> None:
        at = world.ago(minutes=10) + timedelta(**after)
        world.logs.write(at, activity_type=kind, path=f"/{LANDING}/{UPLOAD}", bytes_in=str(size), session_id="s")

    def test_one_that_the_client_closed_is_delivered(self, world: SweepWorld) -> None:
        self.put(world)
        self.line(world, "CLOSE", seconds=1)

        assert self.verdict_on_the_upload(world) is True

    @pytest.mark.parametrize("unconfirmed", ["QUARANTINE", DELIVER])
    def test_one_that_was_cut_off_is_never_delivered(self, dynamodb: Any, unconfirmed: str) -> None:
        world = SweepWorld(dynamodb, unconfirmed)
        self.put(world)
        self.line(world, "PARTIAL_CLOSE", seconds=1)

        assert self.verdict_on_the_upload(world) is False

    @pytest.mark.parametrize(("unconfirmed", "delivered"), [("QUARANTINE", False), (DELIVER, True)])
    def test_one_of_which_nothing_is_known_is_treated_as_set(
        self, dynamodb: Any, unconfirmed: str, delivered: bool
    ) -> None:
        world = SweepWorld(dynamodb, unconfirmed)
        self.put(world)

        assert self.verdict_on_the_upload(world) is delivered

    def test_a_line_about_another_size_says_nothing(self, world: SweepWorld) -> None:
        self.put(world)
        self.line(world, "CLOSE", size=8, seconds=1)

        assert self.verdict_on_the_upload(world) is False

    def test_a_download_says_nothing(self, world: SweepWorld) -> None:
        self.put(world)
        at = world.ago(minutes=10)
        world.logs.write(at, activity_type="CLOSE", path=f"/{LANDING}/{UPLOAD}", bytes_out="7", session_id="s")

        assert self.verdict_on_the_upload(world) is False

    def test_lines_that_are_no_json_object_are_passed_over(self, world: SweepWorld) -> None:
        self.put(world)
        world.logs.events += [
            {"timestamp": int(world.ago(minutes=10).timestamp() * 1000), "message": text} for text in ("{", "[1]", "")
        ]
        self.line(world, "CLOSE", seconds=1)

        assert self.verdict_on_the_upload(world) is True

    def test_a_whole_upload_after_a_broken_one_of_its_size_does_not_vouch_for_it(self, world: SweepWorld) -> None:
        # Given the lines of a broken upload, and ten seconds later of a whole one
        self.put(world)
        self.line(world, "PARTIAL_CLOSE", seconds=1)
        self.line(world, "CLOSE", seconds=10)

        assert self.verdict_on_the_upload(world) is False

    def test_a_line_long_after_is_about_another_upload(self, world: SweepWorld) -> None:
        # Given an object that was put at once, and a line half an hour later
        world.versions.put(UPLOAD, world.ago(minutes=40))
        world.logs.write(world.ago(minutes=5), activity_type="CLOSE", path=f"/{LANDING}/{UPLOAD}", bytes_in="7")

        assert self.verdict_on_the_upload(world) is False

    def test_an_upload_in_parts_is_closed_long_after_it_began(self, world: SweepWorld) -> None:
        # Given an entity tag that counts parts, and the time of the beginning
        world.versions.put(UPLOAD, world.ago(hours=2), 7, "0cc175b9c0f1b6a831c399e269772661-12")
        world.logs.write(world.ago(minutes=5), activity_type="CLOSE", path=f"/{LANDING}/{UPLOAD}", bytes_in="7")

        assert self.verdict_on_the_upload(world) is True

    def test_a_rename_is_an_arrival(self, world: SweepWorld) -> None:
        self.put(world)
        at = world.ago(minutes=10)
        old = f"/{LANDING}/{UPLOAD}.filepart"
        world.logs.write(at, activity_type="RENAME", path=old, new_path=f"/{LANDING}/{UPLOAD}")

        assert self.verdict_on_the_upload(world) is True

    def test_the_log_is_asked_about_its_own_time_only(self, world: SweepWorld) -> None:
        self.put(world)

        world.sweep()

        (request,) = world.logs.asked
        began = int(world.ago(minutes=10).timestamp() * 1000)
        assert began - 10_000 <= request["startTime"] <= began
        assert request["filterPattern"].count("$.activity-type = ") == 3

    def test_other_keys_need_no_log(self, world: SweepWorld) -> None:
        world.versions.put(ORDER, world.ago(minutes=5))

        world.sweep()

        assert world.logs.asked == []


class TestUnfinished:
    """Transfers that nobody goes on with."""

    def sent_after(self, world: SweepWorld, **changes: Any) -> list[dict[str, Any]]:
        arrived = world.ago(hours=2)
        world.record(ORDER, world.versions.put(ORDER, arrived), arrived, **changes)
        world.sweep()
        return world.sqs.sent

    @pytest.mark.parametrize("indexed", [{}, {"dateStatus": "as the machine writes it"}])
    def test_a_dead_worker_s_transfer_is_revived(self, world: SweepWorld, indexed: dict[str, str]) -> None:
        lease = {"leaseUntil": stamp(world.ago(minutes=2)), "leaseOwner": "m1", "attempt": 3}

        (message,) = self.sent_after(world, status="IN_PROGRESS", **lease, **indexed)

        assert (message["kind"], message["attempt"]) == ("towpath.retry", 3)
        assert problems("retry-message", message) == []

    def test_a_worker_that_may_live_is_left_alone(self, world: SweepWorld) -> None:
        lease = {"leaseUntil": stamp(world.ago(seconds=30)), "leaseOwner": "m1"}

        assert self.sent_after(world, status="IN_PROGRESS", **lease) == []

    def test_a_wait_that_is_long_over_ends(self, world: SweepWorld) -> None:
        (message,) = self.sent_after(world, status="RETRYING", nextAttemptAt=stamp(world.ago(minutes=2)))

        assert message["kind"] == "towpath.retry"

    @pytest.mark.parametrize(("looked", "messages"), [(120, 1), (60, 1), (20, 0), (0, 0)])
    def test_what_is_held_is_looked_at_ever_more_rarely(self, world: SweepWorld, looked: int, messages: int) -> None:
        # Given a file that has been waiting for two hours, and when somebody last looked whether its group is there
        sent = self.sent_after(world, status="HELD", timestamp=stamp(world.ago(minutes=looked)))

        # Then it is looked at again after a quarter of the time that it had waited then
        assert len(sent) == messages

    def test_what_is_held_is_not_late(self, world: SweepWorld) -> None:
        self.sent_after(world, status="HELD")

        assert world.sweep().oldest == ""

    def test_a_wait_that_is_not_over_goes_on(self, world: SweepWorld) -> None:
        assert self.sent_after(world, status="RETRYING", nextAttemptAt=stamp(world.clock())) == []

    def test_deliveries_that_are_overdue_have_failed(self, world: SweepWorld) -> None:
        targets = {
            "partner": {"state": "STARTED", "attempts": 1, "operation": "0123456789abcdef-partner-r0-0"},
            "s3": {"state": "SUCCEEDED", "attempts": 1},
        }
        deadline = {"leaseUntil": stamp(world.ago(minutes=2)), "dateStatus": "as the machine writes it"}
        deadline |= {"awaitingSince": stamp(world.ago(minutes=5))}

        (message,) = self.sent_after(world, status="IN_PROGRESS", targets=targets, **deadline)

        assert (message["target"], message["state"], message["reason"]) == ("partner", "FAILED", "TIMEOUT")
        assert message["operation"] == "0123456789abcdef-partner-r0-0"
        assert problems("outcome-message", message) == []

    @pytest.mark.parametrize("status", ["SUCCESS", "FAILED", "PARTIAL", "REJECTED", "SUPERSEDED"])
    def test_what_has_ended_is_left_alone(self, world: SweepWorld, status: str) -> None:
        assert self.sent_after(world, status=status) == []

    def test_a_first_attempt_is_watched_until_it_ends(self, world: SweepWorld) -> None:
        # Given a claim that is fresh when it is first looked at
        arrived = world.ago(minutes=5)
        version_id = world.versions.put(ORDER, arrived)
        lease = {"leaseUntil": stamp(world.clock() + timedelta(minutes=5)), "leaseOwner": "m1"}
        world.record(ORDER, version_id, arrived, status="IN_PROGRESS", **lease)
        assert world.sweep().revived == 0

        # When its lease is long over, in no deep pass
        world.clock.forward(900)

        # Then the next run sees it
        assert world.sweep().revived == 1

    def test_the_oldest_that_is_open_is_measured(self, world: SweepWorld) -> None:
        arrived = world.ago(hours=2)
        world.record(ORDER, world.versions.put(ORDER, arrived), arrived, status="RETRYING",
                     nextAttemptAt=stamp(world.clock()))  # fmt: skip
        world.versions.put("from-s3/acme/other.json", world.ago(minutes=5))

        assert world.sweep().oldest == stamp(arrived)
