"""The record of calls: who did what to which resource, and what it cost."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import Cloud

Calls = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def calls(cloud: Cloud) -> Calls:
    """The calls since the test began."""
    mark = cloud.control("POST", "calls/mark")["mark"]

    def since(principal: str = "*") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = cloud.control("GET", f"calls?since={mark}&principal={principal}")["calls"]
        return found

    return since


@pytest.fixture
def table(cloud: Cloud) -> str:
    """A table with one index that holds everything and one that holds keys and `note`."""
    name = f"table-{uuid.uuid4().hex[:8]}"
    attributes = [{"AttributeName": one, "AttributeType": "S"} for one in ("id", "all", "some")]

    def index(key: str, projection: dict[str, Any]) -> dict[str, Any]:
        return {
            "IndexName": key,
            "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
            "Projection": projection,
        }

    cloud.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=attributes,
        GlobalSecondaryIndexes=[
            index("all", {"ProjectionType": "ALL"}),
            index("some", {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["note"]}),
        ],
    )
    return name


def test_a_call_says_who_did_what_to_which_resource(cloud: Cloud, calls: Calls) -> None:
    # Given a role that may write one bucket
    s3, bucket = cloud.client("s3"), f"calls-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket)
    role = cloud.role("lambda", {"Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"})

    # When a session of it writes and is refused a read
    as_role = cloud.client_as(role, "s3")
    as_role.put_object(Bucket=bucket, Key="a b", Body=b"1")
    with pytest.raises(ClientError):
        as_role.get_object(Bucket=bucket, Key="a b")

    # Then both are on record
    put, get = calls(principal=f"*{role.rpartition('/')[2]}*")
    assert (put["service"], put["operation"], put["status"], put["error"]) == ("s3", "PutObject", 200, None)
    assert put["resource"] == f"arn:aws:s3:::{bucket}/a b"
    assert put["principal"].startswith("arn:aws:sts::000000000000:assumed-role/")
    assert (get["operation"], get["status"], get["error"]) == ("GetObject", 403, "AccessDenied")
    assert get["injected"] is None
    assert put["n"] < get["n"]


def test_operations_are_told_apart_by_what_the_request_has(cloud: Cloud, calls: Calls) -> None:
    # When operations are called that share a path
    s3, bucket = cloud.client("s3"), f"calls-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    s3.copy_object(Bucket=bucket, Key="c", CopySource=f"{bucket}/k")
    s3.head_object(Bucket=bucket, Key="k")
    s3.get_object_tagging(Bucket=bucket, Key="k")
    s3.list_objects_v2(Bucket=bucket)
    s3.list_object_versions(Bucket=bucket)
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k"}]})
    cloud.client("lambda").list_functions()
    cloud.client("sqs").list_queues()
    cloud.client("sns").list_topics()

    # Then each has its own name
    assert [call["operation"] for call in calls()] == [
        "CreateBucket",
        "PutObject",
        "CopyObject",
        "HeadObject",
        "GetObjectTagging",
        "ListObjectsV2",
        "ListObjectVersions",
        "DeleteObjects",
        "ListFunctions",
        "ListQueues",
        "ListTopics",
    ]


def test_writes_cost_what_the_items_and_index_entries_weigh(cloud: Cloud, table: str, calls: Calls) -> None:
    # Given an item of a little over 2 KB
    dynamodb, key = cloud.client("dynamodb"), {"id": {"S": "1"}}
    body = {"body": {"S": "x" * 2100}}

    def update(expression: str, **values: str) -> None:
        placeholders = {f":{name}": {"S": value} for name, value in values.items()}
        dynamodb.update_item(
            TableName=table,
            Key=key,
            UpdateExpression=expression,
            ExpressionAttributeNames={"#all": "all"} if "#all" in expression else {"#some": "some"},
            ExpressionAttributeValues=placeholders,
        )

    # When it is written in ways that touch no, one or both indexes
    dynamodb.put_item(TableName=table, Item=key | body)  # 3: the table
    update("SET #all = :all", all="1")  # 3 + 3: the entry appears
    update("SET #all = :all", all="2")  # 3 + 6: its key changes, so one goes and one comes
    update("SET #some = :some", some="1")  # 3 + 3 + 1: everything changes in one, the small entry appears
    update("SET #some = :some", some="1")  # 3: nothing changes
    dynamodb.delete_item(TableName=table, Key=key)  # 3 + 3 + 1
    dynamodb.delete_item(TableName=table, Key=key)  # 1: there was nothing

    # Then the record has the units of each
    assert [call["write_units"] for call in calls()] == [3, 6, 9, 7, 3, 7, 1]


def test_a_refused_condition_costs_what_is_there(cloud: Cloud, table: str, calls: Calls) -> None:
    # Given an item of a little over 1 KB
    dynamodb, item = cloud.client("dynamodb"), {"id": {"S": "1"}, "body": {"S": "x" * 1100}}
    dynamodb.put_item(TableName=table, Item=item)

    # When a write is refused because it is there
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.put_item(TableName=table, Item={"id": {"S": "1"}}, ConditionExpression="attribute_not_exists(id)")

    # Then it cost two units all the same
    [*_, refused] = [call for call in calls() if call["operation"] == "PutItem"]
    assert (refused["error"], refused["write_units"]) == ("ConditionalCheckFailedException", 2)


def test_reads_cost_what_was_evaluated(cloud: Cloud, table: str, calls: Calls) -> None:
    # Given three items of 3 KB with one value of an index
    dynamodb = cloud.client("dynamodb")
    for number in "123":
        item = {"id": {"S": number}, "all": {"S": "same"}, "body": {"S": "x" * 3000}}
        dynamodb.put_item(TableName=table, Item=item)
    query = {
        "TableName": table,
        "IndexName": "all",
        "KeyConditionExpression": "#all = :all",
        "ExpressionAttributeNames": {"#all": "all"},
        "ExpressionAttributeValues": {":all": {"S": "same"}},
    }

    # When they are read in different ways
    dynamodb.get_item(TableName=table, Key={"id": {"S": "1"}})  # half a unit
    dynamodb.get_item(TableName=table, Key={"id": {"S": "1"}}, ConsistentRead=True)  # one
    dynamodb.query(**query)  # 9 KB are three blocks, at half price
    dynamodb.scan(TableName=table, FilterExpression="attribute_exists(nothing)")  # as much, though nothing comes back

    # Then the record has the units of each
    assert [call["read_units"] for call in calls()[3:]] == [0.5, 1, 1.5, 1.5]


def test_a_mark_that_is_no_number_is_refused(cloud: Cloud) -> None:
    with pytest.raises(OSError, match="400"):
        cloud.control("GET", "calls?since=yesterday")
