"""IAM is enforced for what file transfer does: each call needs its permission on its resource, and no other."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import ACCOUNT, Cloud

Client = Callable[[str], Any]
REGION = "us-east-1"


@dataclass(frozen=True)
class World:
    """Resources that calls act on; all have the same name."""

    name: str
    version: str
    queue_url: str
    topic_arn: str

    @property
    def bucket(self) -> str:
        return f"arn:aws:s3:::{self.name}"

    @property
    def table(self) -> str:
        return f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{self.name}"

    @property
    def queue(self) -> str:
        return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self.name}"

    @property
    def function(self) -> str:
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.name}"

    @property
    def machine(self) -> str:
        return f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{self.name}"


@pytest.fixture(scope="session")
def world(cloud: Cloud) -> World:
    name = f"iam-{uuid.uuid4().hex[:8]}"
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=name, Key="in/a", Body=b"1")["VersionId"]
    cloud.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in ("id", "prefix")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "prefixes",
                "KeySchema": [{"AttributeName": "prefix", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    queue_url = cloud.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    topic_arn = cloud.client("sns").create_topic(Name=name)["TopicArn"]
    cloud.client("stepfunctions").create_state_machine(
        name=name,
        type="EXPRESS",
        roleArn=cloud.role("states"),
        definition=json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}),
    )
    return World(name, version, queue_url, topic_arn)


def query(table: str, index: str | None) -> dict[str, Any]:
    """Arguments of a Query."""
    key = "prefix" if index else "id"
    condition = {"KeyConditionExpression": f"{key} = :value", "ExpressionAttributeValues": {":value": {"S": "x"}}}
    return {"TableName": table, **condition, **({"IndexName": index} if index else {})}


# What is done: the call, and the statements (action, resource) of which it needs every one.
NEEDS: dict[str, tuple[Callable[[Client, World], Any], Callable[[World], list[tuple[str, str]]]]] = {
    "head an object": (
        lambda client, w: client("s3").head_object(Bucket=w.name, Key="in/a"),
        lambda w: [("s3:GetObject", f"{w.bucket}/in/*")],
    ),
    "head a version": (
        lambda client, w: client("s3").head_object(Bucket=w.name, Key="in/a", VersionId=w.version),
        lambda w: [("s3:GetObjectVersion", f"{w.bucket}/in/*")],
    ),
    "list versions": (
        lambda client, w: client("s3").list_object_versions(Bucket=w.name, Prefix="in/"),
        lambda w: [("s3:ListBucketVersions", w.bucket)],
    ),
    "list objects": (
        lambda client, w: client("s3").list_objects_v2(Bucket=w.name, Prefix="in/"),
        lambda w: [("s3:ListBucket", w.bucket)],
    ),
    "copy an object": (
        lambda client, w: client("s3").copy_object(Bucket=w.name, Key="out/a", CopySource=f"{w.name}/in/a"),
        lambda w: [("s3:GetObject", f"{w.bucket}/in/*"), ("s3:PutObject", f"{w.bucket}/out/*")],
    ),
    "copy a version": (
        lambda client, w: client("s3").copy_object(
            Bucket=w.name, Key="out/a", CopySource={"Bucket": w.name, "Key": "in/a", "VersionId": w.version}
        ),
        lambda w: [("s3:GetObjectVersion", f"{w.bucket}/in/*"), ("s3:PutObject", f"{w.bucket}/out/*")],
    ),
    "delete an object": (
        lambda client, w: client("s3").delete_object(Bucket=w.name, Key="out/none"),
        lambda w: [("s3:DeleteObject", f"{w.bucket}/out/*")],
    ),
    "query a table": (
        lambda client, w: client("dynamodb").query(**query(w.name, None)),
        lambda w: [("dynamodb:Query", w.table)],
    ),
    "query an index": (
        lambda client, w: client("dynamodb").query(**query(w.name, "prefixes")),
        lambda w: [("dynamodb:Query", f"{w.table}/index/prefixes")],
    ),
    "put an item": (
        lambda client, w: client("dynamodb").put_item(TableName=w.name, Item={"id": {"S": "1"}}),
        lambda w: [("dynamodb:PutItem", w.table)],
    ),
    "send a message": (
        lambda client, w: client("sqs").send_message(QueueUrl=w.queue_url, MessageBody="1"),
        lambda w: [("sqs:SendMessage", w.queue)],
    ),
    "receive messages": (
        lambda client, w: client("sqs").receive_message(QueueUrl=w.queue_url),
        lambda w: [("sqs:ReceiveMessage", w.queue)],
    ),
    "publish": (
        lambda client, w: client("sns").publish(TopicArn=w.topic_arn, Message="1"),
        lambda w: [("sns:Publish", w.topic_arn)],
    ),
    "start a synchronous execution": (
        lambda client, w: client("stepfunctions").start_sync_execution(stateMachineArn=w.machine),
        lambda w: [("states:StartSyncExecution", w.machine)],
    ),
    "start an execution": (
        lambda client, w: client("stepfunctions").start_execution(stateMachineArn=w.machine),
        lambda w: [("states:StartExecution", w.machine)],
    ),
}


def is_denied(call: Callable[[], Any]) -> bool:
    """Whether IAM refuses a call; other errors are the test's own."""
    try:
        call()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        # A HEAD has no body: its error code is the status.
        assert code in (
            "403",
            "AccessDenied",
            "AccessDeniedException",
            "AuthorizationError",
            "AuthorizationErrorException",
        ), code
        return True
    return False


def acting(cloud: Cloud, statements: list[tuple[str, str]]) -> Client:
    """Makes clients of a role that may do exactly this."""
    role = cloud.role("lambda", *({"Action": action, "Resource": resource} for action, resource in statements))
    return lambda service: cloud.client_as(role, service)


@pytest.mark.parametrize("what", NEEDS)
def test_a_call_needs_each_of_its_permissions_and_no_other(cloud: Cloud, world: World, what: str) -> None:
    call, needs = NEEDS[what]
    statements = needs(world)

    # With exactly these it works
    assert not is_denied(lambda: call(acting(cloud, statements), world))

    # Without any one of them it does not
    for missing in statements:
        rest = [one for one in statements if one != missing] or [("s3:ListAllMyBuckets", "*")]
        assert is_denied(lambda rest=rest: call(acting(cloud, rest), world)), f"{what} without {missing}"

    # Nor with the same permissions on something else
    elsewhere = [(action, resource.replace(world.name, "other")) for action, resource in statements]
    assert is_denied(lambda: call(acting(cloud, elsewhere), world)), f"{what} elsewhere"


def test_an_explicit_denial_wins(cloud: Cloud, world: World) -> None:
    # Given a role that may do everything but one thing
    role = cloud.role("lambda", {"Action": "*", "Resource": "*"})
    deny = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": f"{world.bucket}/*"}
    cloud.client("iam").put_role_policy(
        RoleName=role.rpartition("/")[2],
        PolicyName="deny",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [deny]}),
    )

    # Then it may not do that
    assert is_denied(lambda: cloud.client_as(role, "s3").head_object(Bucket=world.name, Key="in/a"))
    assert not is_denied(lambda: cloud.client_as(role, "s3").list_objects_v2(Bucket=world.name))


def test_a_session_with_a_wrong_secret_is_refused(cloud: Cloud) -> None:
    # Given a session of a role that may do everything, with a secret that is not its own
    role = cloud.role("lambda", {"Action": "*", "Resource": "*"})
    session = cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    forged = cloud.client(
        "s3",
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key="guessed",
        aws_session_token=session["SessionToken"],
    )

    # Then its signature is worth nothing
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        forged.list_buckets()


@pytest.mark.parametrize("policy", ["none", "another rule", "this rule"])
def test_events_reach_a_queue_only_if_its_policy_lets_them(cloud: Cloud, policy: str) -> None:
    # Given a rule to a queue, whose policy is as the parameter says
    name = f"events-{uuid.uuid4().hex[:8]}"
    events, sqs = cloud.client("events"), cloud.client("sqs")
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    rule_arn = events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))["RuleArn"]
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    if policy != "none":
        source = rule_arn if policy == "this rule" else f"{rule_arn}-other"
        allow = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": source}},
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})

    # When an event is sent
    events.put_events(Entries=[{"Source": name, "DetailType": "test", "Detail": "{}"}])

    # Then it arrives only where this rule is let in
    waited = 2 if policy == "this rule" else 0
    messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=waited).get("Messages", [])
    assert len(messages) == (1 if policy == "this rule" else 0)


def test_an_event_that_cannot_be_delivered_goes_to_the_dead_letters(cloud: Cloud) -> None:
    # Given a rule to a queue that lets nobody in, with a dead-letter queue that does
    name = f"events-{uuid.uuid4().hex[:8]}"
    events, sqs = cloud.client("events"), cloud.client("sqs")
    target, dead_letters = (f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}" for queue in (name, f"{name}-dlq"))
    sqs.create_queue(QueueName=name)
    allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [{**allow, "Resource": dead_letters}]})
    url = sqs.create_queue(QueueName=f"{name}-dlq", Attributes={"Policy": document})["QueueUrl"]
    rule_arn = events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))["RuleArn"]
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": target, "DeadLetterConfig": {"Arn": dead_letters}}])

    # When an event is sent
    events.put_events(Entries=[{"Source": name, "DetailType": "test", "Detail": json.dumps({"a": 1})}])

    # Then it is there as a whole, with what went wrong
    answer = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=2, MessageAttributeNames=["All"])
    message = answer["Messages"][0]
    assert json.loads(message["Body"])["detail"] == {"a": 1}
    facts = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert facts == {"RULE_ARN": rule_arn, "TARGET_ARN": target, "ERROR_CODE": "NO_PERMISSIONS"}
