"""Objects under Object Lock stay, whoever wants them gone, and only who may lock locks."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import Cloud


@pytest.fixture
def bucket(cloud: Cloud) -> str:
    """A bucket whose objects are kept for a day, against all but those who may bypass it."""
    s3, name = cloud.client("s3"), f"locked-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    s3.put_object_lock_configuration(
        Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    return name


def tomorrow() -> datetime:
    return datetime.now(UTC) + timedelta(days=1)


def put_in_parts(s3: Any, bucket: str, key: str, **settings: Any) -> str:
    """Stores an object as one part; returns its version."""
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key, **settings)["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=1, Body=b"1")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    done = s3.complete_multipart_upload(Bucket=bucket, Key=key, UploadId=upload, MultipartUpload=parts)
    return str(done["VersionId"])


def test_an_object_is_kept_for_as_long_as_the_bucket_says(cloud: Cloud, bucket: str) -> None:
    # Given two objects, one of them of parts
    s3 = cloud.client("s3")
    versions = {"whole": s3.put_object(Bucket=bucket, Key="whole", Body=b"1")["VersionId"]}
    versions["parts"] = put_in_parts(s3, bucket, "parts")

    # When they are deleted, then they stay
    for key, version in versions.items():
        assert s3.head_object(Bucket=bucket, Key=key)["ObjectLockMode"] == "GOVERNANCE"
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.delete_object(Bucket=bucket, Key=key, VersionId=version)


def test_an_upload_in_parts_names_its_own_retention(cloud: Cloud, bucket: str) -> None:
    # When an object of parts is to be kept against everybody
    s3 = cloud.client("s3")
    version = put_in_parts(s3, bucket, "parts", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=tomorrow())

    # Then not even who may bypass deletes it
    assert s3.head_object(Bucket=bucket, Key="parts")["ObjectLockMode"] == "COMPLIANCE"
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket=bucket, Key="parts", VersionId=version, BypassGovernanceRetention=True)


@pytest.mark.parametrize(
    ("settings", "action"),
    [
        ({"ObjectLockMode": "COMPLIANCE"}, "s3:PutObjectRetention"),
        ({"ObjectLockLegalHoldStatus": "ON"}, "s3:PutObjectLegalHold"),
    ],
)
def test_who_locks_needs_the_permission(cloud: Cloud, bucket: str, settings: dict[str, Any], action: str) -> None:
    # Given a writer who may store objects, and one who may lock them too
    if "ObjectLockMode" in settings:
        settings = {**settings, "ObjectLockRetainUntilDate": tomorrow()}
    objects = f"arn:aws:s3:::{bucket}/*"
    plain = cloud.client_as(cloud.role("lambda", {"Action": "s3:PutObject", "Resource": objects}), "s3")
    locking = cloud.client_as(cloud.role("lambda", {"Action": ["s3:PutObject", action], "Resource": objects}), "s3")

    # Then the first stores, but only the second locks
    plain.put_object(Bucket=bucket, Key="a", Body=b"1")
    with pytest.raises(ClientError, match=action):
        plain.put_object(Bucket=bucket, Key="a", Body=b"1", **settings)
    locking.put_object(Bucket=bucket, Key="a", Body=b"1", **settings)


def test_versioning_of_a_locked_bucket_cannot_be_suspended(cloud: Cloud, bucket: str) -> None:
    s3 = cloud.client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    with pytest.raises(ClientError, match="InvalidBucketState"):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


def test_other_buckets_can_suspend_theirs(cloud: Cloud) -> None:
    s3, name = cloud.client("s3"), f"free-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Suspended"
