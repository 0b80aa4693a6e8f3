"""Files that one CopyObject cannot take, against an S3 with multipart uploads: the same promises as for small ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from file_transfer.copying.copier import Copier
from file_transfer.errors import (
    ChecksumMismatch,
    FileTooLarge,
    SourceGone,
    TargetExists,
    Timeout,
    Transient,
    UploadGone,
)
from file_transfer.intake.source import SourceReader
from tests.unit.fake_multipart import MultipartS3
from tests.unit.fake_s3 import Version
from tests.unit.file_transfer.test_copying import TARGET_KEY, target, transfer_of
from tests.unit.given import ARCHIVE, KEY, LANDING, SETTINGS

BODY = bytes(range(256)) * 5
LIMITS = replace(SETTINGS, copy_object_bytes=100, part_bytes=300, max_copy_bytes=10_000)


@pytest.fixture
def s3() -> MultipartS3:
    return MultipartS3()


@pytest.fixture
def version(s3: MultipartS3) -> Version:
    return s3.put(LANDING, KEY, BODY, {"owner": "bank"})


def copier(s3: MultipartS3) -> Copier:
    return Copier(LIMITS, s3, SourceReader(s3))


def checked(version: Version) -> dict[str, Any]:
    """As a first attempt has it: with the source's properties."""
    return transfer_of(version) | {"userMetadata": version.metadata, "checksum": version.checksum}


def test_a_large_file_is_copied_in_pinned_parts_and_checked_as_a_whole(s3: MultipartS3, version: Version) -> None:
    # When a file above the limit of CopyObject is copied
    outcome = copier(s3).copy(checked(version), target())
    # Then its parts were ranges of the claimed version
    assert "CopyObject" not in s3.calls
    assert sorted(s3.part_ranges) == [
        "bytes=0-299",
        "bytes=1200-1279",
        "bytes=300-599",
        "bytes=600-899",
        "bytes=900-1199",
    ]
    # And S3 was told what the whole must be, and that there must be nothing yet
    (completed,) = s3.completed
    assert completed["MpuObjectSize"] == len(BODY)
    assert completed["ChecksumCRC64NVME"] == version.checksum
    assert completed["IfNoneMatch"] == "*"
    # And the copy is the file, marked, and the upload is gone
    made = s3.current(ARCHIVE, TARGET_KEY)
    assert made is not None and made.body == BODY
    assert made.metadata["towpath-transfer"] == transfer_of(version)["id"]
    assert made.metadata["owner"] == "bank"
    assert (outcome.state, outcome.checksum, outcome.etag[-2:]) == ("SUCCEEDED", version.checksum, "-5")
    assert s3.uploads == {}


def test_a_file_of_just_the_limit_is_copied_at_once(s3: MultipartS3) -> None:
    version = s3.put(LANDING, KEY, b"x" * 100)
    copier(s3).copy(transfer_of(version), target())
    assert "CreateMultipartUpload" not in s3.calls
    assert "CopyObject" in s3.calls


def test_the_same_copy_again_is_adopted_before_any_part_is_copied(s3: MultipartS3, version: Version) -> None:
    copier(s3).copy(transfer_of(version), target())
    again = copier(s3).copy(transfer_of(version), target())
    assert (again.state, again.adopted) == ("SUCCEEDED", True)
    assert s3.calls.count("CreateMultipartUpload") == 1


def test_a_lost_answer_to_the_completion_is_found_out(s3: MultipartS3, version: Version) -> None:
    s3.complete_faults = ["lost"]
    outcome = copier(s3).copy(transfer_of(version), target())
    assert (outcome.state, outcome.adopted) == ("SUCCEEDED", True)
    assert len(s3.objects[ARCHIVE, TARGET_KEY]) == 1


@pytest.mark.parametrize("fault", ["down", "conflict"])
def test_a_failed_completion_frees_the_parts(s3: MultipartS3, version: Version, fault: str) -> None:
    s3.complete_faults = [fault]
    with pytest.raises((Transient, UploadGone)):
        copier(s3).copy(transfer_of(version), target())
    assert (s3.uploads, len(s3.aborted)) == ({}, 1)
    assert copier(s3).copy(transfer_of(version), target()).state == "SUCCEEDED"


def test_a_part_that_fails_for_good_frees_the_others(s3: MultipartS3, version: Version) -> None:
    s3.part_faults = ["", "", "down"]
    with pytest.raises(Exception, match="SlowDown"):
        copier(s3).copy(transfer_of(version), target())
    assert s3.uploads == {}
    assert s3.current(ARCHIVE, TARGET_KEY) is None


def test_a_newer_file_at_the_target_spares_the_copy(s3: MultipartS3, version: Version) -> None:
    newer = s3.put(LANDING, KEY, BODY[::-1])
    copier(s3).copy(transfer_of(newer), target())
    late = copier(s3).copy(transfer_of(version), target())
    assert (late.state, late.reason) == ("SKIPPED", "NEWER_EXISTS")
    assert s3.calls.count("CreateMultipartUpload") == 1


class Overtaken(MultipartS3):
    """Another file reaches the target while the parts are being copied."""

    def __init__(self) -> None:
        super().__init__()
        self.rivals: list[Any] = []

    def complete_multipart_upload(self, **arguments: Any) -> dict[str, Any]:
        if self.rivals:
            self.rivals.pop(0)()
        return super().complete_multipart_upload(**arguments)


def test_a_newer_copy_that_gets_in_between_is_not_overwritten() -> None:
    s3 = Overtaken()
    old, new = s3.put(LANDING, KEY, BODY), s3.put(LANDING, KEY, BODY[::-1])
    s3.rivals = [lambda: copier(s3).copy(transfer_of(new), target())]
    outcome = copier(s3).copy(transfer_of(old), target())
    assert (outcome.state, outcome.reason) == ("SKIPPED", "NEWER_EXISTS")
    current = s3.current(ARCHIVE, TARGET_KEY)
    assert current is not None and current.body == BODY[::-1]
    assert s3.uploads == {}


def test_an_older_file_is_replaced_by_the_same_upload_once_it_is_seen() -> None:
    s3 = Overtaken()
    old, new = s3.put(LANDING, KEY, BODY), s3.put(LANDING, KEY, BODY[::-1])
    s3.rivals = [lambda: copier(s3).copy(transfer_of(old), target())]
    assert copier(s3).copy(transfer_of(new), target()).state == "SUCCEEDED"
    assert [each.body for each in s3.objects[ARCHIVE, TARGET_KEY]] == [BODY, BODY[::-1]]
    assert "IfMatch" in s3.completed[-1]


def test_a_target_that_vanishes_is_made_anew() -> None:
    # Given an older file at the target, which is deleted while the newer one is being copied
    s3 = Overtaken()
    old, new = s3.put(LANDING, KEY, BODY), s3.put(LANDING, KEY, BODY[::-1])
    copier(s3).copy(transfer_of(old), target())
    s3.rivals = [lambda: s3.delete(ARCHIVE, TARGET_KEY)]
    # When the completion finds nothing to replace, it creates
    assert copier(s3).copy(transfer_of(new), target()).state == "SUCCEEDED"
    assert s3.completed[-1]["IfNoneMatch"] == "*"


def test_policies_hold_for_large_files_too(s3: MultipartS3, version: Version) -> None:
    s3.put(ARCHIVE, TARGET_KEY, b"theirs")
    assert copier(s3).copy(transfer_of(version), target("never")).reason == "EXISTS"
    with pytest.raises(TargetExists):
        copier(s3).copy(transfer_of(version), target("fail"))
    assert "CreateMultipartUpload" not in s3.calls


def test_parts_that_do_not_add_up_make_no_object(s3: MultipartS3, version: Version) -> None:
    with pytest.raises(ChecksumMismatch):
        copier(s3).copy(checked(version) | {"checksum": "another="}, target())
    assert s3.current(ARCHIVE, TARGET_KEY) is None
    assert s3.uploads == {}


def test_a_source_that_goes_while_it_is_copied_is_said_to_be_gone(s3: MultipartS3, version: Version) -> None:
    transfer = checked(version)
    s3.put(LANDING, KEY, BODY[::-1])
    with pytest.raises(SourceGone):  # unversioned, and overwritten: its entity tag is another
        copier(s3).copy(transfer | {"versionId": ""}, target())
    s3.delete(LANDING, KEY)
    with pytest.raises(SourceGone):
        copier(s3).copy(transfer, target())


def test_no_part_is_begun_that_cannot_end_in_time(s3: MultipartS3, version: Version) -> None:
    left = iter([600.0, 600.0, 600.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    with pytest.raises(Timeout, match="of 5"):
        copier(s3).copy(transfer_of(version), target(), lambda: next(left))
    assert len(s3.part_ranges) < 5
    assert s3.uploads == {}


def test_more_than_the_system_is_set_to_copy_is_refused(s3: MultipartS3, version: Version) -> None:
    with pytest.raises(FileTooLarge):
        copier(s3).copy(transfer_of(version) | {"sizeBytes": 10_001}, target())


@pytest.mark.parametrize("size", [50, 1280])
def test_what_was_prepared_from_a_file_is_copied_in_its_place(s3: MultipartS3, version: Version, size: int) -> None:
    # Given a file that was decrypted into a work bucket
    prepared = s3.put("work", "prepared/1", BODY[::-1][:size], {"owner": "bank"}, ContentType="text/plain")
    content = {
        "bucket": "work",
        "key": "prepared/1",
        "versionId": prepared.version_id,
        "etag": prepared.etag,
        "sizeBytes": size,
    }
    # When the transfer is copied
    outcome = copier(s3).copy(checked(version) | {"content": content}, target())
    # Then the target holds what was prepared, under the marker of the arrival
    made = s3.current(ARCHIVE, TARGET_KEY)
    assert outcome.state == "SUCCEEDED"
    assert made is not None and made.body == prepared.body
    assert made.metadata["towpath-transfer"] == transfer_of(version)["id"]
