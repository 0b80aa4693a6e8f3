"""CopyObject as a safe way to write once: conditions on both ends, pinned versions, checksums."""

from __future__ import annotations

import base64
import uuid
import zlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import Cloud


@pytest.fixture
def s3(cloud: Cloud) -> Any:
    return cloud.client("s3")


@pytest.fixture
def bucket(s3: Any) -> str:
    name = f"copies-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def refusal(call: Any) -> tuple[int, str]:
    """Status and code of the error that a call ends with."""
    with pytest.raises(ClientError) as caught:
        call()
    return caught.value.response["ResponseMetadata"]["HTTPStatusCode"], caught.value.response["Error"]["Code"]


def test_a_copy_that_must_be_the_first_is_refused_when_the_target_exists(s3: Any, bucket: str) -> None:
    # Given a source and a target that somebody else wrote
    s3.put_object(Bucket=bucket, Key="source", Body=b"new")
    s3.put_object(Bucket=bucket, Key="target", Body=b"old")

    # When it is copied on condition that there is no target
    def copy() -> None:
        s3.copy_object(Bucket=bucket, Key="target", CopySource=f"{bucket}/source", IfNoneMatch="*")

    # Then the target stays as it was
    assert refusal(copy) == (412, "PreconditionFailed")
    assert s3.get_object(Bucket=bucket, Key="target")["Body"].read() == b"old"

    # And once it is deleted, the copy goes through
    s3.delete_object(Bucket=bucket, Key="target")
    copy()
    assert s3.get_object(Bucket=bucket, Key="target")["Body"].read() == b"new"


def test_a_copy_replaces_only_the_target_it_names(s3: Any, bucket: str) -> None:
    # Given a source and a target
    s3.put_object(Bucket=bucket, Key="source", Body=b"new")
    etag = s3.put_object(Bucket=bucket, Key="target", Body=b"old")["ETag"]

    def copy(expected: str, key: str = "target") -> None:
        s3.copy_object(Bucket=bucket, Key=key, CopySource=f"{bucket}/source", IfMatch=expected)

    # When the condition names another content, a missing target, and the right one
    assert refusal(lambda: copy('"00000000000000000000000000000000"')) == (412, "PreconditionFailed")
    assert refusal(lambda: copy(etag, key="missing")) == (404, "NoSuchKey")
    copy(etag)

    # Then only the last one copied
    assert s3.get_object(Bucket=bucket, Key="target")["Body"].read() == b"new"


def test_a_copy_takes_the_version_it_is_pinned_to(s3: Any, bucket: str) -> None:
    # Given a source that has been overwritten
    first = s3.put_object(Bucket=bucket, Key="source", Body=b"first")
    s3.put_object(Bucket=bucket, Key="source", Body=b"second")
    pinned = {"Bucket": bucket, "Key": "source", "VersionId": first["VersionId"]}

    # When the first version is copied
    copied = s3.copy_object(Bucket=bucket, Key="target", CopySource=pinned, CopySourceIfMatch=first["ETag"])

    # Then the target has the first content, and the answer says which version that was
    assert s3.get_object(Bucket=bucket, Key="target")["Body"].read() == b"first"
    assert copied["CopySourceVersionId"] == first["VersionId"]
    assert copied["VersionId"] != first["VersionId"]


def test_a_copy_is_refused_when_the_source_is_not_what_was_seen(s3: Any, bucket: str) -> None:
    # Given a source
    s3.put_object(Bucket=bucket, Key="source", Body=b"1")

    # When the copy expects another content
    def copy() -> None:
        s3.copy_object(Bucket=bucket, Key="target", CopySource=f"{bucket}/source", CopySourceIfMatch='"other"')

    # Then nothing is copied
    assert refusal(copy) == (412, "PreconditionFailed")
    assert refusal(lambda: s3.head_object(Bucket=bucket, Key="target"))[0] == 404


@pytest.mark.parametrize("algorithm", ["CRC64NVME", "CRC32"])
def test_a_copy_has_the_checksum_it_asked_for(s3: Any, bucket: str, algorithm: str) -> None:
    # Given a source with another checksum
    content = b"123456789"
    s3.put_object(Bucket=bucket, Key="source", Body=content, ChecksumAlgorithm="SHA256")
    # Check value of CRC-64/NVME for "123456789": https://reveng.sourceforge.io/crc-catalogue/17plus.htm
    known = {"CRC64NVME": 0xAE8B14860A799888.to_bytes(8), "CRC32": zlib.crc32(content).to_bytes(4)}
    expected = base64.b64encode(known[algorithm]).decode()

    # When it is copied
    source = f"{bucket}/source"
    copied = s3.copy_object(Bucket=bucket, Key="target", CopySource=source, ChecksumAlgorithm=algorithm)

    # Then the answer and the object carry it
    assert copied["CopyObjectResult"][f"Checksum{algorithm}"] == expected
    for version in ({}, {"VersionId": copied["VersionId"]}):
        head = s3.head_object(Bucket=bucket, Key="target", ChecksumMode="ENABLED", **version)
        assert head[f"Checksum{algorithm}"] == expected
        assert head["ChecksumType"] == "FULL_OBJECT"


def test_a_copy_can_replace_the_metadata(s3: Any, bucket: str) -> None:
    # Given a source with metadata
    s3.put_object(Bucket=bucket, Key="source", Body=b"1", Metadata={"a": "1"}, ContentType="text/csv")

    # When it is copied with metadata of its own
    s3.copy_object(
        Bucket=bucket,
        Key="target",
        CopySource=f"{bucket}/source",
        MetadataDirective="REPLACE",
        Metadata={"towpath-transfer": "0123"},
        ContentType="text/plain",
    )

    # Then the target has only that
    head = s3.head_object(Bucket=bucket, Key="target")
    assert head["Metadata"] == {"towpath-transfer": "0123"}
    assert head["ContentType"] == "text/plain"
