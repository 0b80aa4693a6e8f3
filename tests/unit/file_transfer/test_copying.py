"""Copies against a fake S3 that checks conditions and loses answers: one effect per version, the newest wins."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from file_transfer.copying import order
from file_transfer.copying.copier import Copier
from file_transfer.copying.copy_request import METADATA_BYTES, merge_metadata
from file_transfer.copying.order import Marker
from file_transfer.errors import (
    ChecksumMismatch,
    FileTooLarge,
    LoopGuard,
    NotFound,
    PermissionDenied,
    SourceGone,
    TargetExists,
    TowpathError,
    Transient,
)
from file_transfer.intake.source import SourceReader
from file_transfer.records.identity import transfer_id
from shared.clock import stamp
from tests.unit.fake_s3 import FakeS3, Version, error
from tests.unit.given import ARCHIVE, KEY, LANDING, SETTINGS

TARGET_KEY = "bankpacific/file.csv"


def transfer_of(version: Version, key: str = KEY, sequencer: str = "") -> dict[str, Any]:
    """As a retry has it: without the source's metadata."""
    transfer = {
        "id": transfer_id(LANDING, key, version.version_id),
        "bucket": LANDING,
        "key": key,
        "versionId": version.version_id,
        "etag": version.etag,
        "sizeBytes": len(version.body),
        "arrivedAt": stamp(version.modified),
    }
    return transfer | ({"sequencer": sequencer} if sequencer else {})


def target(overwrite: str = "newest-wins", key: str = TARGET_KEY, bucket: str = ARCHIVE) -> dict[str, Any]:
    return {
        "id": "s3",
        "type": "S3",
        "bucket": bucket,
        "key": key,
        "uri": f"s3://{bucket}/{key}",
        "overwrite": overwrite,
    }


@pytest.fixture
def s3() -> FakeS3:
    return FakeS3()


def copier(s3: FakeS3) -> Copier:
    return Copier(SETTINGS, s3, SourceReader(s3))


def test_a_copy_is_pinned_marked_and_keeps_what_the_source_had(s3: FakeS3) -> None:
    # Given an object with metadata
    version = s3.put(LANDING, KEY, b"one", {"owner": "ünï"}, ContentType="text/csv", ContentEncoding="gzip")
    # When it is copied
    outcome = copier(s3).copy(transfer_of(version), target())
    # Then the request names exactly this version, and creates only
    (arguments,) = s3.copy_arguments
    assert arguments["CopySource"] == {"Bucket": LANDING, "Key": KEY, "VersionId": version.version_id}
    assert arguments["CopySourceIfMatch"] == f'"{version.etag}"'
    assert arguments["IfNoneMatch"] == "*"
    assert (arguments["ContentType"], arguments["ContentEncoding"]) == ("text/csv", "gzip")
    assert arguments["Metadata"]["owner"] == "=?UTF-8?B?w7xuw68=?="
    assert arguments["Metadata"]["towpath-transfer"] == transfer_of(version)["id"]
    # And the receipt says what was made
    assert (outcome.state, outcome.etag, outcome.checksum) == ("SUCCEEDED", version.etag, version.checksum)


def test_the_same_copy_again_is_adopted_not_made(s3: FakeS3) -> None:
    version = s3.put(LANDING, KEY, b"one")
    copier(s3).copy(transfer_of(version), target())
    again = copier(s3).copy(transfer_of(version), target())
    assert (again.state, again.adopted, len(s3.copies)) == ("SUCCEEDED", True, 1)


def test_a_lost_answer_is_found_out(s3: FakeS3) -> None:
    # Given a copy whose answer gets lost
    version = s3.put(LANDING, KEY, b"one")
    s3.faults = ["lost"]
    # When it is made
    outcome = copier(s3).copy(transfer_of(version), target())
    # Then it counts, and is not made twice
    assert (outcome.state, outcome.adopted, len(s3.copies)) == ("SUCCEEDED", True, 1)


def test_a_fault_before_the_copy_is_retriable(s3: FakeS3) -> None:
    version = s3.put(LANDING, KEY, b"one")
    s3.faults = ["down"]
    with pytest.raises(Transient):
        copier(s3).copy(transfer_of(version), target())
    assert copier(s3).copy(transfer_of(version), target()).state == "SUCCEEDED"


def test_a_refusal_is_permanent(s3: FakeS3) -> None:
    version = s3.put(LANDING, KEY, b"one")
    s3.faults = ["denied"]
    with pytest.raises(PermissionDenied):
        copier(s3).copy(transfer_of(version), target())


def test_a_newer_version_replaces_an_older_and_not_the_other_way_round(s3: FakeS3) -> None:
    # Given two versions that arrived within a second, without sequencers
    old, new = s3.put(LANDING, KEY, b"old"), s3.put(LANDING, KEY, b"new")
    # When the newer is copied first
    assert copier(s3).copy(transfer_of(new), target()).state == "SUCCEEDED"
    late = copier(s3).copy(transfer_of(old), target())
    # Then the older is skipped
    assert (late.state, late.reason) == ("SKIPPED", "NEWER_EXISTS")
    # And in the other order the newer replaces it
    s3.delete(ARCHIVE, TARGET_KEY)
    copier(s3).copy(transfer_of(old), target())
    copier(s3).copy(transfer_of(new), target())
    current = s3.current(ARCHIVE, TARGET_KEY)
    assert current is not None and current.body == b"new"


def test_sequencers_spare_the_list_of_versions(s3: FakeS3) -> None:
    old, new = s3.put(LANDING, KEY, b"old"), s3.put(LANDING, KEY, b"new")
    copier(s3).copy(transfer_of(new, sequencer="10"), target())
    late = copier(s3).copy(transfer_of(old, sequencer="9"), target())
    assert late.state == "SKIPPED"
    assert "ListObjectVersions" not in s3.calls


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_in_any_order_the_newest_version_is_what_stays(data: st.DataObject) -> None:
    # Given versions of one object, with or without sequencers
    s3 = FakeS3()
    versions = [s3.put(LANDING, KEY, f"body {number}".encode()) for number in range(4)]
    with_sequencer = data.draw(st.lists(st.booleans(), min_size=4, max_size=4))
    transfers = [
        transfer_of(version, sequencer=f"{number:X}" if with_sequencer[number] else "")
        for number, version in enumerate(versions)
    ]
    # When they are copied in any order, each at least once, with faults and repetitions
    runs = data.draw(st.permutations([0, 1, 2, 3] + data.draw(st.lists(st.integers(0, 3), max_size=6))))
    for number in runs:
        s3.faults = data.draw(st.lists(st.sampled_from(["", "lost", "down"]), max_size=2))
        for _ in range(3):
            try:
                copier(s3).copy(transfers[number], target())
                break
            except TowpathError as failure:
                assert failure.retriable
    # Then the newest is there, no version was written twice in a row or after a newer one
    s3.faults = []
    for number in runs:
        copier(s3).copy(transfers[number], target())
    current = s3.current(ARCHIVE, TARGET_KEY)
    assert current is not None and current.body == b"body 3"
    written = [int(each.body.split()[1]) for each in s3.objects[ARCHIVE, TARGET_KEY]]
    assert written == sorted(set(written))


class RacingS3(FakeS3):
    """Another worker's copy gets in between our look at the target and our write."""

    def __init__(self) -> None:
        super().__init__()
        self.rivals: list[Any] = []

    def copy_object(self, **arguments: Any) -> dict[str, Any]:
        if self.rivals:
            rival = self.rivals.pop(0)
            rival()
        return super().copy_object(**arguments)


def test_a_newer_copy_that_gets_in_between_is_not_overwritten() -> None:
    # Given an old copy, and a newer version whose copy lands while the middle one is being written
    s3 = RacingS3()
    old, middle, new = (s3.put(LANDING, KEY, body) for body in (b"old", b"middle", b"new"))
    copier(s3).copy(transfer_of(old), target())
    s3.rivals = [lambda: None, lambda: copier(s3).copy(transfer_of(new), target())]
    # When the middle one is copied
    outcome = copier(s3).copy(transfer_of(middle), target())
    # Then it sees that it was overtaken
    assert (outcome.state, outcome.reason) == ("SKIPPED", "NEWER_EXISTS")
    current = s3.current(ARCHIVE, TARGET_KEY)
    assert current is not None and current.body == b"new"


def test_files_of_two_sources_at_one_target_are_ordered_by_arrival(s3: FakeS3) -> None:
    earlier = s3.put(LANDING, "a/file.csv", b"a")
    s3.now = s3.now.replace(second=30)
    later = s3.put(LANDING, "b/file.csv", b"b")
    copier(s3).copy(transfer_of(later, "b/file.csv"), target())
    outcome = copier(s3).copy(transfer_of(earlier, "a/file.csv"), target())
    assert outcome.reason == "NEWER_EXISTS"


@pytest.mark.parametrize(("seconds", "state"), [(-1, "SUCCEEDED"), (0, "SUCCEEDED"), (1, "SKIPPED")])
def test_an_object_of_others_is_as_new_as_its_last_change(s3: FakeS3, seconds: int, state: str) -> None:
    # Given something at the target that somebody else put there so many seconds after our file arrived
    version = s3.put(LANDING, KEY, b"ours")
    foreign = s3.put(ARCHIVE, TARGET_KEY, b"theirs")
    foreign.modified = version.modified + timedelta(seconds=seconds)
    # Then it stays if it is the newer
    assert copier(s3).copy(transfer_of(version), target()).state == state


def test_never_leaves_what_is_there(s3: FakeS3) -> None:
    s3.put(ARCHIVE, TARGET_KEY, b"theirs")
    outcome = copier(s3).copy(transfer_of(s3.put(LANDING, KEY, b"ours")), target("never"))
    assert (outcome.state, outcome.reason, s3.copies) == ("SKIPPED", "EXISTS", [])


@pytest.mark.parametrize("overwrite", ["fail", "versioned-name"])
def test_fail_fails(s3: FakeS3, overwrite: str) -> None:
    s3.put(ARCHIVE, TARGET_KEY, b"theirs")
    with pytest.raises(TargetExists):
        copier(s3).copy(transfer_of(s3.put(LANDING, KEY, b"ours")), target(overwrite))


def test_a_source_that_is_gone_is_said_to_be(s3: FakeS3) -> None:
    transfer = transfer_of(s3.put(LANDING, KEY, b"one"))
    s3.delete(LANDING, KEY)
    with pytest.raises(SourceGone):
        copier(s3).copy(transfer, target())
    with pytest.raises(SourceGone):
        copier(s3).copy({**transfer, "userMetadata": {}}, target())


def test_a_source_that_changed_without_versions_is_gone(s3: FakeS3) -> None:
    # Given an unversioned source that was overwritten after its claim
    transfer = transfer_of(s3.put(LANDING, KEY, b"one")) | {"versionId": "", "userMetadata": {}}
    s3.put(LANDING, KEY, b"two")
    # Then the failed condition on the source is not taken for one on the target
    with pytest.raises(SourceGone):
        copier(s3).copy(transfer, target())


def test_a_copy_that_differs_is_an_error_and_never_adopted(s3: FakeS3) -> None:
    transfer = transfer_of(s3.put(LANDING, KEY, b"one")) | {"userMetadata": {}, "checksum": "another="}
    for _ in range(2):
        with pytest.raises(ChecksumMismatch):
            copier(s3).copy(transfer, target())


def test_a_marker_on_other_bytes_is_not_believed(s3: FakeS3) -> None:
    transfer = transfer_of(s3.put(LANDING, KEY, b"one"))
    s3.put(ARCHIVE, TARGET_KEY, b"truncated?", order.marker_of(transfer).as_metadata())
    with pytest.raises(ChecksumMismatch):
        copier(s3).copy(transfer, target())


def test_targets_where_files_arrive_are_refused(s3: FakeS3) -> None:
    transfer = transfer_of(s3.put(LANDING, KEY, b"one"))
    for key in (KEY, "from-sftp/other/file.csv"):
        with pytest.raises(LoopGuard):
            copier(s3).copy(transfer, target(key=key, bucket=LANDING))
    assert s3.calls == []


def test_more_than_one_copy_can_take_is_refused(s3: FakeS3) -> None:
    transfer = transfer_of(s3.put(LANDING, KEY, b"one")) | {"sizeBytes": SETTINGS.max_copy_bytes + 1}
    with pytest.raises(FileTooLarge):
        copier(s3).copy(transfer, target())


def test_a_target_bucket_that_is_missing_is_permanent(s3: FakeS3) -> None:
    transfer = transfer_of(s3.put(LANDING, KEY, b"one"))

    def fail(**_: Any) -> None:
        raise error(404, "NoSuchBucket", "CopyObject")

    s3.copy_object = fail  # type: ignore[method-assign, assignment]
    with pytest.raises(NotFound):
        copier(s3).copy(transfer, target())


def test_metadata_that_does_not_fit_gives_way_to_the_marker() -> None:
    marker = Marker("0" * 16, "2025-06-28T22:00:00.000000Z", "0" * 32, "0" * 12)
    merged = merge_metadata({"big": "x" * 1990, "small": "y", "towpath-transfer": "of an earlier hop"}, marker)
    assert merged == {"small": "y", **marker.as_metadata()}
    assert sum(len(name) + len(value) for name, value in merged.items()) <= METADATA_BYTES
