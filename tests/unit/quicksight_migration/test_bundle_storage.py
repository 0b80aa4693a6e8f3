"""Files of jobs in S3: whole or not at all, encrypted, of any size in little memory."""

from __future__ import annotations

import hashlib
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from quicksight_migration.bundles.ranges import RangeFile
from quicksight_migration.bundles.storage import Bucket
from quicksight_migration.bundles.upload import PART, BundleDamaged
from shared.errors import NotFound, PermissionDenied, Throttled, TowpathError, Transient
from tests.unit.quicksight_migration.bundle_buckets import KEY, Storage

MIB = 1024 * 1024


@pytest.fixture
def storage() -> Storage:
    return Storage()


def test_a_document_is_read_as_it_was_written(storage: Storage) -> None:
    assert storage.files.put_json("jobs/a/plan-A1.json", {"b": [1, "ü"], "a": None}) == "jobs/a/plan-A1.json"
    assert storage.files.get_json("jobs/a/plan-A1.json") == {"a": None, "b": [1, "ü"]}


def test_what_is_not_there_is_not_found(storage: Storage) -> None:
    assert storage.files.size("nothing") is None
    for read in (storage.files.get_json, storage.files.open, storage.files.digest):
        with pytest.raises(NotFound):
            read("nothing")


def test_a_small_file_is_one_call_and_a_large_one_comes_in_parts(storage: Storage) -> None:
    # Given a file of one part, and one a byte longer
    for size, calls in ((PART, ["PutObject"]), (PART + 1, ["CreateMultipartUpload"])):
        storage.files_s3.calls.clear()
        body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)

        # When it is written in pieces of another size
        written = storage.files.write("a.qs", (body[at : at + 700_001] for at in range(0, size, 700_001)))

        # Then it is there, as it was, and what it is has been recorded
        assert storage.files_s3.calls[: len(calls)] == calls
        assert storage.body("a.qs") == body
        assert (written.size, written.sha256) == (size, hashlib.sha256(body).hexdigest())
        assert storage.files.digest("a.qs") == written


def test_every_write_names_the_key_it_is_encrypted_with(storage: Storage) -> None:
    storage.files.put_json("a.json", {})
    storage.files.write("small.qs", [b"x"])
    storage.files.write("large.qs", [b"x" * PART, b"y"])
    storage.staging.write("staged.qs", [b"x"])
    writes = [
        asked for operation, asked in storage.files_s3.asked if operation in ("PutObject", "CreateMultipartUpload")
    ]
    assert len(writes) == 3
    assert all((each["ServerSideEncryption"], each["SSEKMSKeyId"]) == ("aws:kms", KEY) for each in writes)
    [(_, staged)] = storage.staging_s3.asked
    assert staged["ServerSideEncryption"] == "aws:kms" and "SSEKMSKeyId" not in staged


def test_s3_checks_each_part_and_their_sum(storage: Storage) -> None:
    storage.files.write("a.qs", [b"x" * PART, b"y"])
    asked = dict(storage.files_s3.asked)
    assert asked["CreateMultipartUpload"]["ChecksumAlgorithm"] == "SHA256"
    assert all(part["ChecksumSHA256"] for part in asked["CompleteMultipartUpload"]["MultipartUpload"]["Parts"])


@pytest.mark.parametrize("fault", ["down", "lost", "throttled", "denied"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_an_upload_that_breaks_off_leaves_nothing_behind(storage: Storage, number: int, fault: str) -> None:
    # Given a write in two parts: create, upload, upload, complete
    storage.files_s3.fault = lambda _operation, call: fault if call == number else ""

    # When one of its calls fails
    with pytest.raises(TowpathError):
        storage.files.write("a.qs", [b"x" * PART, b"y"])

    # Then there is no upload under way, and the file only when nothing but the last answer was lost
    known = storage.buckets.uploads
    assert not known or (number == 1 and fault == "lost")
    assert bool(storage.buckets.keys("bundles")) == (number == 4 and fault == "lost")


def test_a_file_with_another_digest_than_recorded_is_not_written(storage: Storage) -> None:
    for pieces in ([b"x"], [b"x" * PART, b"y"]):
        with pytest.raises(BundleDamaged, match="recorded"):
            storage.files.write("a.qs", pieces, "0" * 64)
    assert not storage.buckets.keys("bundles") and not storage.buckets.uploads


def test_a_reader_that_gives_up_aborts_the_upload(storage: Storage) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"x" * (PART + 1)
        raise Transient("the download failed")

    with pytest.raises(Transient, match="the download"):
        storage.files.write("a.qs", pieces())
    assert not storage.buckets.uploads


class Sink:
    """An S3 that forgets what it gets."""

    def __getattr__(self, _name: str) -> Any:
        return lambda **_arguments: {"UploadId": "u", "ETag": '"e"'}


def test_a_gigabyte_passes_through_little_memory() -> None:
    # Given a bundle of 1 GB that comes in pieces
    piece = bytes(MIB)
    pieces = (piece for _ in range(1024))

    # When it is written
    tracemalloc.start()
    written = Bucket(Sink(), "bundles").write("a.qs", pieces)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    # Then less than 64 MB were in use at any moment
    assert written.size == 1024 * MIB
    assert most < 64 * MIB


def test_a_file_is_read_from_anywhere_by_ranges(storage: Storage) -> None:
    body = bytes(range(256)) * 100
    storage.files.write("a.qs", [body])
    with storage.files.open("a.qs") as file:
        assert file.seek(-10, 2) == len(body) - 10
        assert file.read() == body[-10:]
        file.seek(300)
        assert file.read(20) == body[300:320]
    assert all("Range" in asked for operation, asked in storage.files_s3.asked if operation == "GetObject")


def test_a_block_is_fetched_once_and_only_one_is_held() -> None:
    fetched: list[tuple[int, int]] = []

    def fetch(start: int, end: int) -> bytes:
        fetched.append((start, end))
        return bytes(end - start)

    file = RangeFile(25, fetch, block=10)
    assert len(file.read(5)) == 5 and len(file.read(5)) == 5
    file.seek(21)
    assert len(file.read(100)) == 4
    assert file.read(1) == b""
    assert fetched == [(0, 10), (20, 25)]


def test_an_object_that_shrinks_while_it_is_read_is_noticed(storage: Storage) -> None:
    storage.files.write("a.qs", [b"x" * 100])
    file = storage.files.open("a.qs")
    storage.files.write("a.qs", [b"x" * 10])
    with pytest.raises(Transient, match="changed"):
        file.read()


def test_errors_are_those_of_the_taxonomy(storage: Storage) -> None:
    storage.files_s3.fault = lambda _operation, number: ["throttled", "denied", "down"][number - 1]
    for kind in (Throttled, PermissionDenied, Transient):
        with pytest.raises(kind):
            storage.files.get_json("a.json")
