"""Services of the virtual cloud that keep something: buckets, tables, sessions of roles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.virtual.client_factory import ClientFactory
from local_cloud.virtual.kernel import Kernel
from local_cloud.virtual.s3 import Buckets
from local_cloud.virtual.services import RolesApi
from local_cloud.virtual.tables import Tables
from local_cloud.virtual.traffic import Traffic
from shared.conditional import transact_if
from shared.dynamodb import to_item

BUCKET = "bundles"


class Cloud:
    """The three services and clients of them."""

    def __init__(self) -> None:
        kernel = Kernel()
        self.buckets, self.tables, self.roles = Buckets(kernel, {BUCKET: "000000000000"}), Tables(), RolesApi(kernel)
        services = {"s3": self.buckets, "dynamodb": self.tables, "sts": self.roles}
        self.make = ClientFactory(Traffic(kernel), services).make


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """An empty cloud."""
    made = Cloud()
    yield made
    made.tables.drop()


def code_of(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    response: Any = error.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_an_object_keeps_its_versions_and_is_read_in_pieces(cloud: Cloud) -> None:
    """Given an object written twice, when it is read whole, by range or by version, then each read is of that."""
    s3 = cloud.make("s3")
    first = s3.put_object(Bucket=BUCKET, Key="a/b", Body=b"first")
    s3.put_object(Bucket=BUCKET, Key="a/b", Body=b"second", ContentType="text/plain")
    assert s3.get_object(Bucket=BUCKET, Key="a/b")["Body"].read() == b"second"
    assert s3.get_object(Bucket=BUCKET, Key="a/b", VersionId=first["VersionId"])["Body"].read() == b"first"
    assert s3.get_object(Bucket=BUCKET, Key="a/b", Range="bytes=2-99")["Body"].read() == b"cond"
    assert s3.head_object(Bucket=BUCKET, Key="a/b")["ContentLength"] == 6


def test_parts_come_together_in_their_order(cloud: Cloud) -> None:
    """Given an upload in parts, when it is completed, then there is one object; an upload given up leaves none."""
    s3 = cloud.make("s3")
    upload = {
        "Bucket": BUCKET,
        "Key": "big",
        "UploadId": s3.create_multipart_upload(Bucket=BUCKET, Key="big")["UploadId"],
    }
    tags = {
        number: s3.upload_part(**upload, PartNumber=number, Body=body)["ETag"]
        for number, body in ((2, b"b"), (1, b"a"))
    }
    parts = [{"PartNumber": number, "ETag": tags[number]} for number in (1, 2)]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    assert cloud.buckets.read(BUCKET, "big") == b"ab"
    with pytest.raises(ClientError) as error:
        s3.abort_multipart_upload(**upload)
    assert code_of(error) == ("NoSuchUpload", 404)


def test_a_deleted_object_is_gone_and_its_version_is_not(cloud: Cloud) -> None:
    """Given an object, when it is deleted, then a read finds nothing and a read of the version finds it."""
    s3 = cloud.make("s3")
    version = s3.put_object(Bucket=BUCKET, Key="a", Body=b"kept")["VersionId"]
    s3.delete_object(Bucket=BUCKET, Key="a")
    with pytest.raises(ClientError) as error:
        s3.head_object(Bucket=BUCKET, Key="a")
    assert code_of(error) == ("404", 404)
    assert s3.get_object(Bucket=BUCKET, Key="a", VersionId=version)["Body"].read() == b"kept"
    assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0


def test_a_condition_on_what_is_there_holds(cloud: Cloud) -> None:
    """Given an object, when it is written on the condition that there is none, then it stays as it is."""
    s3 = cloud.make("s3")
    s3.put_object(Bucket=BUCKET, Key="a", Body=b"first")
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=BUCKET, Key="a", Body=b"second", IfNoneMatch="*")
    assert code_of(error) == ("PreconditionFailed", 412)
    assert cloud.buckets.read(BUCKET, "a") == b"first"


def test_a_transaction_is_written_whole_or_not_at_all(cloud: Cloud) -> None:
    """Given a table, when one condition of a transaction fails, then nothing of it is there and nobody is told."""
    table = cloud.tables.create("jobs", ("jobId", "record"))
    told: list[str] = []
    cloud.tables.watchers.append(lambda operation, _request: told.append(operation))
    dynamodb = cloud.make("dynamodb")

    def new(record: str) -> dict[str, Any]:
        item = to_item({"jobId": "one", "record": record})
        return {"Put": {"TableName": table, "Item": item, "ConditionExpression": "attribute_not_exists(jobId)"}}

    assert transact_if(dynamodb, [new("JOB")])[0]
    assert not transact_if(dynamodb, [new("STEP"), new("JOB")])[0]
    assert [item["record"] for item in cloud.tables.items(table)] == ["JOB"]
    assert told == ["TransactWriteItems"]


def test_an_index_is_queried_by_its_keys(cloud: Cloud) -> None:
    """Given items with and without an index's keys, when it is queried, then those that have them come in order."""
    table = cloud.tables.create("jobs", ("jobId", "record"), {"StatusIndex": ("status", "createdAt")})
    dynamodb = cloud.make("dynamodb")
    for job, created in (("b", "2"), ("a", "1")):
        item = to_item({"jobId": job, "record": "JOB", "status": "RUNNING", "createdAt": created})
        dynamodb.put_item(TableName=table, Item=item)
    dynamodb.put_item(TableName=table, Item=to_item({"jobId": "a", "record": "STEP"}))
    found = dynamodb.query(
        TableName=table,
        IndexName="StatusIndex",
        KeyConditionExpression="#status = :status",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":status": {"S": "RUNNING"}},
    )
    assert [item["jobId"]["S"] for item in found["Items"]] == ["a", "b"]


def test_clouds_do_not_see_each_others_tables(cloud: Cloud) -> None:
    """Given two clouds with a table of the same name, when one writes, then the other's table is empty."""
    other = Tables()
    tables = [each.create("jobs", ("jobId", "record")) for each in (cloud.tables, other)]
    cloud.tables.call("PutItem", {"TableName": tables[0], "Item": to_item({"jobId": "a", "record": "JOB"})})
    assert other.items(tables[1]) == []
    other.drop()


def test_a_session_says_whose_role_it_is(cloud: Cloud) -> None:
    """Given a role of another account, when it is assumed, then its access key leads to the session's ARN."""
    given = cloud.make("sts").assume_role(RoleArn="arn:aws:iam::111111111111:role/bi", RoleSessionName="job-1")
    key = given["Credentials"]["AccessKeyId"]
    assert cloud.roles.sessions[key] == "arn:aws:sts::111111111111:assumed-role/bi/job-1"
