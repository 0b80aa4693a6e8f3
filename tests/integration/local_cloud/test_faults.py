"""Faults strike what their rules say, as often as they say, and are on record."""

from __future__ import annotations

import io
import json
import time
import urllib.error
import uuid
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import Cloud, eventually

Inject = Callable[..., None]


@pytest.fixture
def inject(cloud: Cloud) -> Iterator[Inject]:
    """Puts rules in force; they are gone after the test."""

    def put(*rules: dict[str, Any], seed: int = 1) -> None:
        cloud.control("POST", "faults", {"seed": seed, "rules": list(rules)})

    yield put
    cloud.control("DELETE", "faults")


@pytest.fixture
def bucket(cloud: Cloud) -> str:
    name = f"faults-{uuid.uuid4().hex[:8]}"
    cloud.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def queue(cloud: Cloud) -> str:
    return str(cloud.client("sqs").create_queue(QueueName=f"faults-{uuid.uuid4().hex[:8]}")["QueueUrl"])


def rule(operation: str, action: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A rule that also strikes the administrator, as whom these tests act."""
    service, _, name = operation.partition(":")
    return {"id": "one", "service": service, "operation": name, "action": action, "principal": "*", **more}


def code_of(call: Callable[[], Any]) -> str | None:
    """The error code that a call ends with; None when it succeeds."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return None


def received(cloud: Cloud, queue: str, count: int) -> list[str]:
    """Bodies of the next so many messages."""
    sqs, bodies = cloud.client("sqs"), []

    def enough() -> bool:
        answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=2)
        for message in answer.get("Messages", []):
            bodies.append(message["Body"])
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return len(bodies) >= count

    eventually(enough)
    return bodies


def test_the_nth_call_fails_and_is_not_carried_out(cloud: Cloud, inject: Inject, bucket: str) -> None:
    # Given a rule for the second write
    action = {"type": "error", "code": "InternalError", "status": 500}
    inject(rule("s3:PutObject", action, nth=[2], resource=f"arn:aws:s3:::{bucket}/*"))

    # When three objects are written
    s3 = cloud.client("s3")
    codes = [code_of(lambda key=key: s3.put_object(Bucket=bucket, Key=key, Body=b"")) for key in "abc"]

    # Then the second failed and is not there
    assert codes == [None, "InternalError", None]
    assert [found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["a", "c"]

    # And rule, log and record of calls agree
    state = cloud.control("GET", "faults")
    assert state["rules"][0]["hits"] == 1
    assert [entry["resource"] for entry in state["log"]] == [f"arn:aws:s3:::{bucket}/b"]
    injected = [call for call in cloud.control("GET", "calls")["calls"] if call["resource"].endswith(f"{bucket}/b")]
    assert [(call["injected"], call["error"]) for call in injected] == [("one", "InternalError")]


def test_a_lost_response_is_an_error_after_the_fact(cloud: Cloud, inject: Inject, bucket: str) -> None:
    # Given a rule that loses answers
    inject(rule("s3:CopyObject", {"type": "lost_response"}))
    s3 = cloud.client("s3")
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")

    # When an object is copied
    code = code_of(lambda: s3.copy_object(Bucket=bucket, Key="b", CopySource=f"{bucket}/a"))

    # Then the caller sees an error, yet the copy is there
    assert code == "InternalError"
    assert s3.head_object(Bucket=bucket, Key="b")["ContentLength"] == 1


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [
        ("s3", "list_buckets", "SlowDown"),
        ("dynamodb", "list_tables", "ThrottlingException"),
        ("lambda", "list_functions", "TooManyRequestsException"),
        ("sns", "list_topics", "Throttled"),
    ],
)
def test_each_service_throttles_in_its_own_words(
    cloud: Cloud, inject: Inject, service: str, call: str, code: str
) -> None:
    inject({"service": service, "action": {"type": "throttle"}, "principal": "*"})
    assert code_of(getattr(cloud.client(service), call)) == code


def test_latency_delays_an_answer(cloud: Cloud, inject: Inject) -> None:
    # Given a rule that delays
    inject(rule("s3:ListBuckets", {"type": "latency", "ms": 120}))

    # When it strikes, then the record says that the call took that long at least
    assert code_of(cloud.client("s3").list_buckets) is None
    [*_, call] = [call for call in cloud.control("GET", "calls")["calls"] if call["operation"] == "ListBuckets"]
    assert call["duration_ms"] >= 120


def test_the_administrator_is_spared_unless_named(cloud: Cloud, inject: Inject, bucket: str) -> None:
    # Given a rule without a principal
    inject({"service": "s3", "action": {"type": "error", "code": "InternalError"}})
    role = cloud.role("lambda", {"Action": "s3:*", "Resource": "*"})

    # Then it strikes a role, but not the administrator
    assert code_of(cloud.client("s3").list_buckets) is None
    assert code_of(cloud.client_as(role, "s3").list_buckets) == "InternalError"


def test_a_rule_names_the_principals_it_strikes(cloud: Cloud, inject: Inject) -> None:
    # Given two roles and a rule for one of them
    one, other = (cloud.role("lambda", {"Action": "s3:*", "Resource": "*"}) for _ in range(2))
    name = one.rpartition("/")[2]
    inject({"service": "s3", "principal": f"*/{name}/*", "action": {"type": "error", "code": "InternalError"}})

    # Then only that one is struck
    assert code_of(cloud.client_as(one, "s3").list_buckets) == "InternalError"
    assert code_of(cloud.client_as(other, "s3").list_buckets) is None


def test_the_same_seed_strikes_the_same_calls(cloud: Cloud, inject: Inject) -> None:
    # Given a rule that strikes one call in three
    half = rule("s3:ListBuckets", {"type": "error", "code": "InternalError"}, probability=0.3)

    def codes(seed: int) -> list[str | None]:
        inject(half, seed=seed)
        return [code_of(cloud.client("s3").list_buckets) for _ in range(12)]

    # Then the same seed gives the same sequence, and another seed another
    first = codes(7)
    assert codes(7) == first
    assert codes(8) != first
    assert set(first) == {None, "InternalError"}


def test_a_rule_stops_after_its_times(cloud: Cloud, inject: Inject) -> None:
    inject(rule("s3:ListBuckets", {"type": "error", "code": "InternalError"}, times=2))
    codes = [code_of(cloud.client("s3").list_buckets) for _ in range(4)]
    assert codes == ["InternalError", "InternalError", None, None]


def test_a_function_is_killed_while_it_runs(cloud: Cloud, inject: Inject) -> None:
    # Given a function that takes a second, and a rule that kills its first run
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("app.py", "import time\ndef handler(event, context):\n    time.sleep(event)\n    return 'done'")
    name, functions = f"killed-{uuid.uuid4().hex[:8]}", cloud.client("lambda")
    functions.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=cloud.role("lambda"),
        Handler="app.handler",
        Code={"ZipFile": archive.getvalue()},
        Timeout=30,
    )
    kill = {"type": "kill_lambda", "after_ms": 50}
    inject({"service": "lambda", "operation": "Invoke", "resource": f"*:{name}", "nth": [1], "action": kill})

    # When it is called twice
    begun = time.monotonic()
    answers = [functions.invoke(FunctionName=name, Payload=str(seconds)) for seconds in (20, 0)]

    # Then the first call ended with its process, long before its time, and the second is served by a new one
    assert time.monotonic() - begun < 15
    assert json.loads(answers[0]["Payload"].read())["errorType"] == "Runtime.ExitError"
    assert json.loads(answers[1]["Payload"].read()) == "done"


def test_messages_are_dropped_and_duplicated(cloud: Cloud, inject: Inject, queue: str) -> None:
    # Given a rule for the first message and one for the second
    inject(
        rule("sqs:Message", {"type": "drop"}, id="drop", nth=[1]),
        rule("sqs:Message", {"type": "duplicate"}, id="duplicate", nth=[2]),
    )

    # When three are sent
    for body in ("first", "second", "third"):
        cloud.client("sqs").send_message(QueueUrl=queue, MessageBody=body)

    # Then one is lost and one comes twice
    assert sorted(received(cloud, queue, 3)) == ["second", "second", "third"]


@pytest.mark.parametrize("action", [{"type": "delay", "ms": 400}, {"type": "reorder"}])
def test_messages_come_late(cloud: Cloud, inject: Inject, queue: str, action: dict[str, Any]) -> None:
    # Given a rule for the first message
    inject(rule("sqs:Message", action, nth=[1]))

    # When two are sent
    for body in ("first", "second"):
        cloud.client("sqs").send_message(QueueUrl=queue, MessageBody=body)

    # Then the second overtakes it
    assert received(cloud, queue, 2) == ["second", "first"]


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ({"type": "drop"}, ["2"]),
        ({"type": "duplicate"}, ["1", "1", "2"]),
        ({"type": "delay", "ms": 1500}, ["2", "1"]),
        ({"type": "reorder"}, ["2", "1"]),
    ],
)
def test_events_are_unreliable_on_demand(
    cloud: Cloud, inject: Inject, queue: str, action: dict[str, Any], expected: list[str]
) -> None:
    # Given a rule from events to a queue, and a fault for the first delivery
    name = queue.rpartition("/")[2]
    arn = f"arn:aws:sqs:us-east-1:000000000000:{name}"
    events, sqs = cloud.client("events"), cloud.client("sqs")
    allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [{**allow, "Resource": arn}]}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn, "InputPath": "$.detail"}])
    inject(rule("events:Deliver", action, nth=[1], resource=arn))

    # When two events are sent
    for number in (1, 2):
        events.put_events(Entries=[{"Source": name, "DetailType": "test", "Detail": json.dumps(number)}])

    # Then they arrive as the fault wants
    assert received(cloud, queue, len(expected)) == expected


@pytest.mark.parametrize(
    ("broken", "hint"),
    [
        ({"action": {"type": "explode"}}, "explode"),
        ({"action": {"type": "latency"}}, "needs ms"),
        ({"action": {"type": "drop"}}, "drop"),
        ({"action": {"type": "throttle"}, "nth": [1], "probability": 0.5}, "either"),
        ({"action": {"type": "throttle"}, "resuorce": "*"}, "resuorce"),
        ({"action": {"type": "kill_lambda", "after_ms": 1}, "service": "s3"}, "operation Invoke"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_with_a_reason(cloud: Cloud, broken: dict[str, Any], hint: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        cloud.control("POST", "faults", {"rules": [broken]})
    assert caught.value.code == 400
    assert hint in json.loads(caught.value.read())["error"]
