"""Multipart uploads as S3 makes them: parts copied from a version, one checked object, no memory for large bodies."""

from __future__ import annotations

import base64
import hashlib
import random
import uuid
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.crc64 import crc64nvme

from .conftest import Cloud
from .test_s3_conditional_copy import refusal

PART = 5 * 1024 * 1024
CONTENT = random.Random(5).randbytes(2 * PART + 1000)
RANGES = [f"bytes=0-{PART - 1}", f"bytes={PART}-{2 * PART - 1}", f"bytes={2 * PART}-{len(CONTENT) - 1}"]


def checksum_of(content: bytes) -> str:
    """A CRC64NVME as S3 writes it."""
    return base64.b64encode(crc64nvme(content).to_bytes(8)).decode()


@pytest.fixture(scope="module")
def s3(cloud: Cloud) -> Any:
    return cloud.client("s3")


@pytest.fixture(scope="module")
def bucket(s3: Any) -> str:
    """A versioned bucket with a source of two parts and a bit, overwritten since."""
    name = f"parts-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


@pytest.fixture(scope="module")
def source(s3: Any, bucket: str) -> dict[str, Any]:
    made = s3.put_object(Bucket=bucket, Key="source", Body=CONTENT)
    s3.put_object(Bucket=bucket, Key="source", Body=b"newer")
    return {"Bucket": bucket, "Key": "source", "VersionId": made["VersionId"]}


class Upload:
    """One upload, begun."""

    def __init__(self, s3: Any, bucket: str, source: dict[str, Any], **create: Any) -> None:
        self.s3, self.source = s3, source
        self.place = {"Bucket": bucket, "Key": f"target-{uuid.uuid4().hex[:8]}"}
        kind = {"ChecksumAlgorithm": "CRC64NVME", "ChecksumType": "FULL_OBJECT"} | create
        answer = s3.create_multipart_upload(**self.place, Metadata={"owner": "bank"}, **kind)
        self.begun = answer
        self.id = {**self.place, "UploadId": answer["UploadId"]}

    def copy(self, number: int, byte_range: str) -> dict[str, Any]:
        answer = self.s3.upload_part_copy(
            **self.id, PartNumber=number, CopySource=self.source, CopySourceRange=byte_range
        )
        return {"PartNumber": number, **{k: v for k, v in answer["CopyPartResult"].items() if k != "LastModified"}}

    def copy_all(self) -> list[dict[str, Any]]:
        return [self.copy(number, each) for number, each in enumerate(RANGES, 1)]

    def complete(self, parts: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.s3.complete_multipart_upload(**self.id, MultipartUpload={"Parts": parts}, **more)
        return answer


@pytest.fixture
def upload(s3: Any, bucket: str, source: dict[str, Any]) -> Upload:
    return Upload(s3, bucket, source)


def test_ranges_of_a_version_become_one_object_with_a_checksum_of_the_whole(s3: Any, upload: Upload) -> None:
    # Given an upload for a checksum of the whole object
    assert upload.begun["ChecksumType"] == "FULL_OBJECT"
    # When its parts are copied from an older version
    parts = upload.copy_all()
    assert parts[1]["ChecksumCRC64NVME"] == checksum_of(CONTENT[PART : 2 * PART])
    # Then they are listed
    listed = s3.list_parts(**upload.id)["Parts"]
    assert [(part["PartNumber"], part["Size"], part["ETag"]) for part in listed] == [
        (part["PartNumber"], size, part["ETag"]) for part, size in zip(parts, [PART, PART, 1000], strict=True)
    ]
    # When it is completed with what the whole must be
    whole = checksum_of(CONTENT)
    made = upload.complete(
        parts, ChecksumCRC64NVME=whole, ChecksumType="FULL_OBJECT", MpuObjectSize=len(CONTENT), IfNoneMatch="*"
    )
    # Then answer, object and version carry the same checksum, and the object is the source
    assert (made["ChecksumCRC64NVME"], made["ChecksumType"]) == (whole, "FULL_OBJECT")
    for version in ({}, {"VersionId": made["VersionId"]}):
        head = s3.head_object(**upload.place, ChecksumMode="ENABLED", **version)
        assert (head["ChecksumCRC64NVME"], head["ChecksumType"]) == (whole, "FULL_OBJECT")
        assert (head["ContentLength"], head["Metadata"]) == (len(CONTENT), {"owner": "bank"})
        assert s3.get_object(**upload.place, **version)["Body"].read() == CONTENT
    part = s3.get_object(**upload.place, Range=f"bytes={PART - 2}-{PART + 1}")["Body"].read()
    assert part == CONTENT[PART - 2 : PART + 2]
    digests = b"".join(bytes.fromhex(part["ETag"].strip('"')) for part in parts)
    assert made["ETag"] == f'"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-3"'


def test_the_same_completion_again_makes_no_second_version(s3: Any, upload: Upload) -> None:
    parts = upload.copy_all()
    first = upload.complete(parts, IfNoneMatch="*")
    assert upload.complete(parts, IfNoneMatch="*")["VersionId"] == first["VersionId"]
    versions = s3.list_object_versions(Bucket=upload.place["Bucket"], Prefix=upload.place["Key"])["Versions"]
    assert len(versions) == 1


def test_a_completion_keeps_its_condition_and_the_upload_outlives_a_refusal(s3: Any, upload: Upload) -> None:
    # Given a target that somebody else wrote while the parts were copied
    parts = upload.copy_all()
    other = s3.put_object(**upload.place, Body=b"theirs")["ETag"]
    # When the completion wants to be first, or to replace something else
    assert refusal(lambda: upload.complete(parts, IfNoneMatch="*")) == (412, "PreconditionFailed")
    assert refusal(lambda: upload.complete(parts, IfMatch='"0"')) == (412, "PreconditionFailed")
    # Then the parts are still there, for a completion that names what it replaces
    assert upload.complete(parts, IfMatch=other)["VersionId"]
    assert refusal(lambda: s3.list_parts(**upload.id)) == (404, "NoSuchUpload")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"ChecksumCRC64NVME": checksum_of(b"other")}, "BadDigest"),
        ({"MpuObjectSize": len(CONTENT) - 1}, "InvalidRequest"),
        ({"ChecksumType": "COMPOSITE"}, "BadDigest"),
    ],
)
def test_a_whole_that_is_not_what_was_expected_is_refused(
    s3: Any, upload: Upload, more: dict[str, Any], code: str
) -> None:
    parts = upload.copy_all()
    assert refusal(lambda: upload.complete(parts, **more)) == (400, code)
    assert refusal(lambda: s3.head_object(**upload.place))[0] == 404


def test_parts_must_be_there_in_order_and_large_enough(upload: Upload) -> None:
    first, second = upload.copy(1, RANGES[0]), upload.copy(2, "bytes=0-99")
    last = upload.copy(3, RANGES[2])
    for parts, code in (
        ([first, second | {"ETag": first["ETag"]}], "InvalidPart"),
        ([first, {**last, "PartNumber": 4}], "InvalidPart"),
        ([last, first], "InvalidPartOrder"),
        ([first, second, last], "EntityTooSmall"),
    ):
        assert refusal(lambda listed=parts: upload.complete(listed)) == (400, code)  # type: ignore[misc]
    assert upload.complete([first, last])["ETag"].endswith('-2"')


def test_a_copied_part_is_pinned(s3: Any, bucket: str, upload: Upload) -> None:
    copy = {**upload.id, "PartNumber": 1, "CopySource": upload.source, "CopySourceRange": "bytes=0-99"}
    assert refusal(lambda: s3.upload_part_copy(**copy, CopySourceIfMatch='"other"')) == (412, "PreconditionFailed")
    beyond = {**copy, "CopySourceRange": f"bytes=0-{len(CONTENT)}"}
    assert refusal(lambda: s3.upload_part_copy(**beyond)) == (400, "InvalidArgument")
    elsewhere = {**copy, "Key": "another-key"}
    assert refusal(lambda: s3.upload_part_copy(**elsewhere)) == (404, "NoSuchUpload")
    assert refusal(lambda: s3.list_parts(**{**upload.id, "Key": "another-key"})) == (404, "NoSuchUpload")


def test_an_aborted_upload_is_gone(s3: Any, upload: Upload) -> None:
    parts = upload.copy_all()
    s3.abort_multipart_upload(**upload.id)
    assert refusal(lambda: upload.complete(parts)) == (404, "NoSuchUpload")
    assert refusal(lambda: upload.copy(1, RANGES[0])) == (404, "NoSuchUpload")


@pytest.mark.parametrize(("algorithm", "kind"), [("CRC64NVME", "COMPOSITE"), ("SHA256", "FULL_OBJECT")])
def test_checksums_have_the_types_that_s3_knows(s3: Any, bucket: str, algorithm: str, kind: str) -> None:
    with pytest.raises(ClientError, match="InvalidRequest"):
        s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm=algorithm, ChecksumType=kind)


def test_a_composite_checksum_stays_one(s3: Any, bucket: str, source: dict[str, Any]) -> None:
    upload = Upload(s3, bucket, source, ChecksumAlgorithm="SHA256", ChecksumType="COMPOSITE")
    made = upload.complete(upload.copy_all())
    assert made["ChecksumType"] == "COMPOSITE"
    assert made["ChecksumSHA256"].endswith("-3")


def test_large_bodies_need_no_memory(s3: Any, bucket: str, cloud: Cloud) -> None:
    # Given an object of 80 MiB, uploaded in parts
    block = random.Random(6).randbytes(16 * 1024 * 1024)
    begun = s3.create_multipart_upload(Bucket=bucket, Key="large", ChecksumAlgorithm="CRC64NVME")
    here = {"Bucket": bucket, "Key": "large", "UploadId": begun["UploadId"]}
    tags = [s3.upload_part(**here, PartNumber=number, Body=block)["ETag"] for number in range(1, 6)]
    listed = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, 1)]
    s3.complete_multipart_upload(**here, MultipartUpload={"Parts": listed})
    size = s3.head_object(Bucket=bucket, Key="large")["ContentLength"]
    assert size == 5 * len(block)
    server = cloud.control("GET", "health")["pid"]
    before = anonymous_bytes(server)
    # When it is copied twice, in parts
    for key in ("copy-1", "copy-2"):
        begun = s3.create_multipart_upload(Bucket=bucket, Key=key, ChecksumAlgorithm="CRC64NVME")
        there = {"Bucket": bucket, "Key": key, "UploadId": begun["UploadId"]}
        parts = []
        for number in range(5):
            first = number * len(block)
            copied = s3.upload_part_copy(
                **there,
                PartNumber=number + 1,
                CopySource={"Bucket": bucket, "Key": "large"},
                CopySourceRange=f"bytes={first}-{first + len(block) - 1}",
            )
            parts.append({"PartNumber": number + 1, "ETag": copied["CopyPartResult"]["ETag"]})
        s3.complete_multipart_upload(**there, MultipartUpload={"Parts": parts})
    # Then the server holds none of it
    assert anonymous_bytes(server) - before < 20 * 1024 * 1024
    tail = s3.get_object(Bucket=bucket, Key="copy-2", Range=f"bytes={size - 10}-{size - 1}")["Body"].read()
    assert tail == block[-10:]
    for key in ("large", "copy-1", "copy-2"):
        version = s3.head_object(Bucket=bucket, Key=key)["VersionId"]
        s3.delete_object(Bucket=bucket, Key=key, VersionId=version)


def anonymous_bytes(pid: int) -> int:
    """Memory of a process that no file stands behind."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("RssAnon:")]
    return int(line.split()[1]) * 1024


def test_the_record_of_calls_tells_parts_from_copies(cloud: Cloud, upload: Upload) -> None:
    mark = cloud.control("POST", "calls/mark")["mark"]
    upload.copy(1, RANGES[0])
    calls = cloud.control("GET", f"calls?since={mark}")["calls"]
    assert [call["operation"] for call in calls if call["service"] == "s3"] == ["UploadPartCopy"]
