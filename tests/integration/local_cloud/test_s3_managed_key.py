"""SSE-KMS without a key means the account's own."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.local_cloud.conftest import Cloud
from tests.integration.local_cloud.resources import unique


@pytest.fixture
def s3(cloud: Cloud) -> Any:
    return cloud.client("s3")


@pytest.fixture
def bucket(s3: Any) -> str:
    name = unique("managed-key")
    s3.create_bucket(Bucket=name)
    return name


def test_an_object_is_encrypted_with_kms(s3: Any, bucket: str) -> None:
    # When an object is written so into a bucket whose default is another algorithm
    s3.put_object(Bucket=bucket, Key="a.qs", Body=b"x", ServerSideEncryption="aws:kms")

    # Then the object says with what it is encrypted
    assert s3.head_object(Bucket=bucket, Key="a.qs")["ServerSideEncryption"] == "aws:kms"


def test_so_is_one_that_comes_in_parts(s3: Any, bucket: str) -> None:
    begun = s3.create_multipart_upload(Bucket=bucket, Key="b.qs", ServerSideEncryption="aws:kms")
    named = {"Bucket": bucket, "Key": "b.qs", "UploadId": begun["UploadId"]}
    part = s3.upload_part(**named, PartNumber=1, Body=b"x")
    s3.complete_multipart_upload(**named, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})

    assert s3.get_object(Bucket=bucket, Key="b.qs")["ServerSideEncryption"] == "aws:kms"


def test_a_key_that_is_named_is_kept(s3: Any, bucket: str) -> None:
    key = "arn:aws:kms:us-east-1:000000000000:key/files"
    s3.put_object(Bucket=bucket, Key="c.qs", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)

    assert s3.head_object(Bucket=bucket, Key="c.qs")["SSEKMSKeyId"] == key


def test_a_customer_s_key_beside_it_is_refused(s3: Any, bucket: str) -> None:
    customer = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
    with pytest.raises(ClientError, match="InvalidArgument"):
        s3.put_object(Bucket=bucket, Key="d.qs", Body=b"x", ServerSideEncryption="aws:kms", **customer)
