"""Listings of versions name every key as it is."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from .conftest import Cloud

NAMES = ["100%.csv", "100%25 done.csv", "a+b c.csv", "Ü#1.csv", "<&>.csv"]


@pytest.fixture
def s3(cloud: Cloud) -> Any:
    return cloud.client("s3")


def test_versions_are_listed_under_their_real_names(s3: Any) -> None:
    # Given objects whose names mean something to URLs and XML
    bucket = f"names-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for name in NAMES:
        s3.put_object(Bucket=bucket, Key=name, Body=b"x")

    # When their versions are listed by a client that asks for encoded keys and decodes them, as boto3 does
    versions = s3.list_object_versions(Bucket=bucket)["Versions"]

    # Then the names are the real ones
    assert sorted(version["Key"] for version in versions) == sorted(NAMES)


def test_a_prefix_comes_back_as_it_was_given(s3: Any) -> None:
    # Given a bucket
    bucket = f"names-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket)

    # When versions below a prefix are listed, then the answer repeats it
    assert s3.list_object_versions(Bucket=bucket, Prefix="50% of/")["Prefix"] == "50% of/"
