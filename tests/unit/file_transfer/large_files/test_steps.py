"""The steps of a large copy against an S3 and a table that keep their conditions: each repeatable, all resumable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from file_transfer.copying.multipart import Multipart
from file_transfer.copying.placing import Placing
from file_transfer.copying.task import task_of
from file_transfer.errors import ChecksumMismatch, FileTooLarge, LoopGuard, Timeout, Transient, UploadGone
from file_transfer.intake.source import SourceReader
from file_transfer.large_files.settings import LargeFileSettings, read_settings
from file_transfer.large_files.steps import Steps
from file_transfer.large_files.uploads import Upload, Uploads
from tests.unit.fake_multipart import MultipartS3
from tests.unit.fake_s3 import Version
from tests.unit.file_transfer.test_copying import TARGET_KEY, target, transfer_of
from tests.unit.given import ARCHIVE, KEY, LANDING, NOW, SETTINGS

BODY = bytes(range(256)) * 10
LIMITS = LargeFileSettings(part_bytes=300, batch_parts=4, max_copy_bytes=10_000, watched=SETTINGS.watched)


def plenty() -> float:
    """Seconds left, always enough."""
    return 600


class World:
    """One large file, its target, and as many workers as a test wants."""

    def __init__(self, dynamodb: Any) -> None:
        self.s3 = MultipartS3()
        self.version = self.s3.put(LANDING, KEY, BODY, {"owner": "bank"})
        self.transfer = transfer_of(self.version)
        self.uploads = Uploads(dynamodb, "FileTransferControl", 30, lambda: NOW)
        self.steps = Steps(LIMITS, Multipart(self.s3, self.s3), Placing(SourceReader(self.s3)), self.uploads)

    def plan(self) -> dict[str, Any]:
        return self.steps.plan(self.transfer, target())

    def event(self, plan: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"transfer": self.transfer, "target": target(), "upload": plan["upload"], **more}

    def copy(self, plan: dict[str, Any], seconds_left: Callable[[], float] = plenty) -> int:
        return sum(self.steps.copy(self.event(plan, **batch), seconds_left) for batch in plan["batches"])

    def made(self) -> Version | None:
        return self.s3.current(ARCHIVE, TARGET_KEY)

    def noted(self) -> Upload | None:
        return self.uploads.find(task_of(self.transfer, target()))


@pytest.fixture
def world(dynamodb: Any) -> World:
    return World(dynamodb)


def test_a_large_file_is_planned_copied_and_completed(world: World) -> None:
    # When it is planned
    plan = world.plan()
    # Then its parts are cut into batches, and the upload is noted for later attempts
    assert plan["batches"] == [{"first": 1, "last": 4}, {"first": 5, "last": 8}, {"first": 9, "last": 9}]
    assert plan["upload"] == {"id": "u1", "partBytes": 300, "checksum": world.version.checksum}
    assert world.noted() == Upload("u1", 300)
    # When they are copied and completed
    assert world.copy(plan) == 9
    outcome = world.steps.complete(world.event(plan))
    # Then the target holds the file, verified by S3, and nothing is left of the upload
    made = world.made()
    assert made is not None and made.body == BODY
    assert made.metadata["owner"] == "bank"
    receipt = {"checksum": world.version.checksum, "versionId": made.version_id, "bytes": len(BODY)}
    assert outcome == {"state": "SUCCEEDED", "receipt": {**receipt, "etag": made.extra["ETag"].strip('"')}}
    assert (world.s3.uploads, world.s3.aborted, world.noted()) == ({}, [], None)


def test_a_later_attempt_goes_on_where_the_first_broke_off(world: World) -> None:
    # Given an execution that copied one batch and then died
    plan = world.plan()
    world.steps.copy(world.event(plan, first=5, last=8), plenty)
    # When another one plans, perhaps with other settings
    world.steps = replace(world.steps, settings=replace(LIMITS, part_bytes=1000))
    again = world.plan()
    # Then it has the same upload and only what is missing
    assert again["upload"] == plan["upload"]
    assert again["batches"] == [{"first": 1, "last": 4}, {"first": 9, "last": 9}]
    assert world.copy(again) == 5
    assert world.steps.complete(world.event(again))["state"] == "SUCCEEDED"
    assert len(world.s3.part_ranges) == 9


def test_a_batch_that_is_repeated_copies_nothing_twice(world: World) -> None:
    plan = world.plan()
    left = iter([600.0] * 3 + [1.0] * 20)
    with pytest.raises(Timeout):
        world.steps.copy(world.event(plan, first=1, last=9), lambda: next(left))
    there = len(world.s3.part_ranges)
    assert 0 < there < 9
    assert world.steps.copy(world.event(plan, first=1, last=9), plenty) == 9 - there
    assert len(world.s3.part_ranges) == 9


def test_two_executions_share_one_upload(world: World) -> None:
    # Given a second one that looked for an upload just before the first noted its own
    blind = replace(world.steps, uploads=Blind(world.uploads))
    first = world.plan()
    second = blind.plan(world.transfer, target())
    # Then the second took the first's, and freed its own
    assert second["upload"] == first["upload"]
    assert world.s3.aborted == ["u2"]
    # And the end of the first is the end of the second
    world.copy(first)
    assert world.steps.complete(world.event(first))["state"] == "SUCCEEDED"
    late = world.steps.complete(world.event(second))
    assert late["state"] == "SUCCEEDED"
    assert len(world.s3.objects[ARCHIVE, TARGET_KEY]) == 1


class Blind(Uploads):
    """Looked too early: finds no note, and learns of it when it writes its own."""

    def __init__(self, uploads: Uploads) -> None:
        self.__dict__.update(uploads.__dict__)

    def find(self, _task: Any) -> None:
        return None


def test_a_lost_answer_to_the_completion_is_found_out(world: World) -> None:
    plan = world.plan()
    world.copy(plan)
    world.s3.complete_faults = ["lost"]
    assert world.steps.complete(world.event(plan))["state"] == "SUCCEEDED"
    assert world.noted() is None
    # And when the whole invocation was lost, the next finds its object too
    assert world.steps.complete(world.event(plan))["receipt"]["versionId"]
    assert world.plan()["action"] == "SETTLED"
    assert len(world.s3.objects[ARCHIVE, TARGET_KEY]) == 1


@pytest.mark.parametrize("between", ["copy", "complete"])
def test_an_upload_that_somebody_aborted_is_planned_anew(world: World, between: str) -> None:
    plan = world.plan()
    if between == "complete":
        world.copy(plan)
    world.s3.uploads.clear()
    with pytest.raises(UploadGone):
        world.copy(plan) if between == "copy" else world.steps.complete(world.event(plan))
    again = world.plan()
    assert again["upload"]["id"] == "u2"
    assert world.noted() == Upload("u2", 300)
    world.copy(again)
    assert world.steps.complete(world.event(again))["state"] == "SUCCEEDED"


def test_parts_that_are_missing_at_the_end_are_planned_again(world: World) -> None:
    plan = world.plan()
    world.steps.copy(world.event(plan, first=1, last=4), plenty)
    with pytest.raises(UploadGone, match="4 of 9 parts"):
        world.steps.complete(world.event(plan))
    assert world.plan()["batches"] == [{"first": 5, "last": 8}, {"first": 9, "last": 9}]


def test_a_completion_that_fails_may_be_repeated(world: World) -> None:
    plan = world.plan()
    world.copy(plan)
    world.s3.complete_faults = ["down"]
    with pytest.raises(Transient):
        world.steps.complete(world.event(plan))
    assert world.steps.complete(world.event(plan))["state"] == "SUCCEEDED"


def test_a_newer_file_that_came_meanwhile_stays_and_the_parts_are_freed(world: World) -> None:
    plan = world.plan()
    world.copy(plan)
    newer = world.s3.put(LANDING, KEY, BODY[::-1])
    world.steps = replace(world.steps, settings=replace(LIMITS, part_bytes=3000))
    other = world.steps.plan(transfer_of(newer), target())
    event = {"transfer": transfer_of(newer), "target": target(), "upload": other["upload"]}
    world.steps.copy({**event, **other["batches"][0]}, plenty)
    assert world.steps.complete(event)["state"] == "SUCCEEDED"
    # When the older one is completed, or planned again
    assert world.steps.complete(world.event(plan)) == {"state": "SKIPPED", "reason": "NEWER_EXISTS"}
    assert world.plan() == {"action": "SETTLED", "outcome": {"state": "SKIPPED", "reason": "NEWER_EXISTS"}}
    # Then its parts are freed
    assert (world.s3.uploads, world.noted()) == ({}, None)
    made = world.made()
    assert made is not None and made.body == BODY[::-1]


@pytest.mark.parametrize(("reason", "freed"), [("CHECKSUM_MISMATCH", True), ("SOURCE_GONE", True), ("TIMEOUT", False)])
def test_only_what_will_not_be_tried_again_is_freed(world: World, reason: str, freed: bool) -> None:
    world.copy(world.plan())
    world.steps.give_up({"transfer": world.transfer, "target": target(), "reason": reason})
    assert (world.s3.uploads == {}) is freed
    assert (world.noted() is None) is freed


def test_parts_that_do_not_add_up_make_no_object(world: World) -> None:
    plan = world.plan()
    world.copy(plan)
    world.s3.uploads["u1"].parts[2] = b"x" * 300
    with pytest.raises(ChecksumMismatch):
        world.steps.complete(world.event(plan))
    assert world.made() is None


def test_limits_hold_for_large_files_too(world: World) -> None:
    with pytest.raises(FileTooLarge):
        world.steps.plan(world.transfer | {"sizeBytes": 10_001}, target())
    with pytest.raises(LoopGuard):
        world.steps.plan(world.transfer, target(bucket=LANDING, key="from-sftp/other/file.csv"))


def test_each_target_and_version_has_an_upload_of_its_own(world: World, dynamodb: Any) -> None:
    other = target(key="elsewhere/file.csv") | {"id": "s3b"}
    newer = transfer_of(world.s3.put(LANDING, KEY, BODY))
    ids = {
        world.steps.plan(transfer, each)["upload"]["id"]
        for transfer in (world.transfer, newer)
        for each in (target(), other)
    }
    assert ids == {"u1", "u2", "u3", "u4"}
    # And the notes vanish by themselves
    expiries = {int(item["expiresAt"]["N"]) for item in dynamodb.scan(TableName="FileTransferControl")["Items"]}
    assert expiries == {int((NOW + timedelta(days=30)).timestamp())}


def test_settings_are_what_the_module_tells() -> None:
    told = {"PART_BYTES": "5242880", "BATCH_PARTS": "7", "SOURCE_BUCKET": "landing", "SOURCE_PREFIXES": '["in/"]'}
    settings = read_settings(told)
    assert (settings.part_bytes, settings.batch_parts) == (5242880, 7)
    assert settings.watched.watches("landing", "in/x")
