"""Channels: a receiver on loopback hears of transfers, once each, signed, whatever goes wrong on the way."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from file_transfer.notifications.orders import announcement, resend_order
from local_cloud.session import LocalCloud
from shared.schemas import problems
from tests.e2e.faults import fault, killed
from tests.e2e.file_transfer.transfers import Route, Transfers
from tests.receiver import Received, Receiver, Reply, receiver

KEY = "a key of at least twenty-four bytes"
ROLE = "*file-transfer-deliver-notifications*"
ALL = ["SUCCESS", "PARTIAL", "FAILED", "REJECTED", "SUPERSEDED"]


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with receiver(tmp_path_factory.mktemp("receiver")) as found:
        yield found


class Channels:
    """Workflows with channels to the receiver, and what the log says of them."""

    def __init__(self, cloud: LocalCloud, transfers: Transfers, listening: Receiver) -> None:
        self.transfers, self.listening = transfers, listening
        self.secrets = cloud.client("secretsmanager")
        self.lambda_names = cloud.outputs("file-transfer")["notifications"]["function_names"]
        self.orders_url = cloud.client("sqs").get_queue_url(QueueName="file-transfer-notification-orders")["QueueUrl"]
        self.cloud = cloud

    def secret(self, text: str) -> str:
        """ARN of a new secret that channels may use."""
        arn: str = self.secrets.create_secret(Name=f"file-transfer/channels/{uuid.uuid4().hex}", SecretString=text)[
            "ARN"
        ]
        return arn

    def next_answers(self, *replies: Reply) -> None:
        """What the receiver answers from now on, when nobody else is told anything any more."""
        self.transfers.at_rest()
        self.listening.replies.extend(replies)

    def webhook(self, **changes: Any) -> dict[str, Any]:
        """A webhook of its own path."""
        plain = {
            "type": "WEBHOOK",
            "url": f"{self.listening.url}/{uuid.uuid4().hex}",
            "secretArn": self.secret(KEY),
            "caCertificate": self.listening.ca,
            "events": ALL,
        }
        return {**plain, **changes}

    def chat(self, kind: str, **changes: Any) -> dict[str, Any]:
        """A Slack or Teams channel, whose URL is the secret."""
        path = f"/{uuid.uuid4().hex}"
        arn = self.secret(f"{self.listening.url}{path}")
        return {"type": kind, "secretArn": arn, "caCertificate": self.listening.ca, "events": ALL, **changes}

    def route(self, channels: Mapping[str, Any], **definition: Any) -> Route:
        """A customer whose workflow has these channels."""
        section = json.dumps({"channels": channels})
        return self.transfers.route(notifications=section, kind="WORKFLOW", **definition)

    def heard(self, channel: Mapping[str, Any], number: int = 1) -> list[Received]:
        """What the receiver got at a webhook's path, once it is that much."""
        path = "/" + str(channel["url"]).rsplit("/", 1)[-1]
        found: list[Received] = self.transfers.eventually(
            lambda: got if len(got := self.listening.received(path)) >= number else None, f"{number} requests", 30
        )
        return found

    def logged(self, route: Route, name: str, channel: str, status: str) -> dict[str, Any]:
        """The record of a channel, once it has a status."""

        def ended() -> dict[str, Any] | None:
            records = self.transfers.queries.notifications_of_file(route.customer, name)
            return next((each for each in records if each.get("channel") == channel and each["status"] == status), None)

        found: dict[str, Any] = self.transfers.eventually(ended, f"{channel} to be {status}", 40)
        assert problems("notification-record", found) == []
        return found


@pytest.fixture
def channels(cloud: LocalCloud, transfers: Transfers, listening: Receiver) -> Channels:
    listening.replies.clear()
    return Channels(cloud, transfers, listening)


def assert_signed(request: Received, key: str = KEY) -> dict[str, Any]:
    """The signature is that of the body, and the body is what the schema says; returns it."""
    stamped = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode()
    digest = hmac.new(key.encode(), stamped + request.body, hashlib.sha256).digest()
    assert f"v1,{base64.b64encode(digest).decode()}" in request.headers["webhook-signature"].split()
    assert abs(time.time() - int(request.headers["webhook-timestamp"])) < 60
    payload: dict[str, Any] = json.loads(request.body)
    return payload


def test_a_webhook_is_told_once_and_signed(channels: Channels) -> None:
    # Given a workflow with a webhook
    webhook = channels.webhook()
    route = channels.route({"erp": webhook})
    # When a file is delivered
    channels.transfers.upload(route, "a.csv")
    item = channels.transfers.settled(route, "a.csv")
    # Then the receiver is told, with a signature that it can check
    (request,) = channels.heard(webhook)
    payload = assert_signed(request)
    assert problems("notification-payload", payload) == []
    assert (payload["status"], payload["customerId"], payload["fileName"]) == ("SUCCESS", route.customer, "a.csv")
    # And the log says so, beside the record of the topic
    record = channels.logged(route, "a.csv", "erp", "SENT")
    assert (record["retryCount"], record["target"], record["response"]) == (0, webhook["url"], "HTTP 200: ok")
    channels.transfers.assert_complete(route, "a.csv", item)


def test_each_channel_is_told_what_it_asked_for(channels: Channels) -> None:
    # Given a webhook for failures, one for everything, two chats, and a topic for what needs somebody
    failures, everything = channels.webhook(events=["FAILED", "REJECTED"]), channels.webhook()
    slack, teams = channels.chat("SLACK"), channels.chat("TEAMS")
    topic = {"type": "SNS", "topicArn": channels.transfers.system["notification_topic_arn"]}
    told = {"alarm": failures, "all": everything, "chat": slack, "team": teams, "topic": topic}
    route = channels.route(told, validationRegex=r"\.csv$")
    # When a file is delivered and another one is rejected
    channels.transfers.upload(route, "good.csv")
    channels.transfers.upload(route, "<bad>.txt")
    # Then each hears of what it wants
    assert {assert_signed(each)["fileName"] for each in channels.heard(everything, 2)} == {"good.csv", "<bad>.txt"}
    (rejected,) = channels.heard(failures)
    assert assert_signed(rejected)["status"] == "REJECTED"
    # And chats get words of their own, in which a name mentions nobody; their URL is a secret and not kept
    for channel in ("chat", "team"):
        record = channels.logged(route, "<bad>.txt", channel, "SENT")
        assert record["target"].startswith("arn:")
        assert channels.listening.url not in json.dumps(record, default=str)
    assert channels.logged(route, "<bad>.txt", "topic", "SENT")["type"] == "SNS"
    names = [
        each.get("channel") for each in channels.transfers.queries.notifications_of_file(route.customer, "good.csv")
    ]
    assert "topic" not in names
    bodies = [json.loads(each.body) for each in channels.listening.received() if b"bad" in each.body]
    (card,) = [each for each in bodies if each.get("type") == "message"]
    assert card["attachments"][0]["content"]["type"] == "AdaptiveCard"
    (message,) = [each for each in bodies if "blocks" in each]
    assert "&lt;bad&gt;.txt" in message["text"]


def test_a_receiver_that_is_down_is_asked_again_until_it_answers(channels: Channels) -> None:
    webhook = channels.webhook()
    route = channels.route({"erp": webhook})
    # Given a receiver that fails twice
    channels.next_answers(Reply(503, b"starting"), Reply(429, b"slowly", {"Retry-After": "1"}))
    # When a file ends
    channels.transfers.upload(route, "a.csv")
    # Then the log shows the retry, and then that it was sent
    retrying = channels.logged(route, "a.csv", "erp", "RETRYING")
    assert retrying["statusTimestamp"].startswith("RETRYING#")
    record = channels.logged(route, "a.csv", "erp", "SENT")
    assert record["retryCount"] == 2
    # And each try was the same notification
    assert len({each.headers["webhook-id"] for each in channels.heard(webhook, 3)}) == 1


def test_what_fails_for_good_is_found_and_sent_again_on_demand(channels: Channels) -> None:
    webhook = channels.webhook()
    route = channels.route({"erp": webhook})
    # Given a receiver that refuses
    channels.next_answers(Reply(401, b"who are you"))
    channels.transfers.upload(route, "a.csv")
    # Then the notification has failed, without another try
    record = channels.logged(route, "a.csv", "erp", "FAILED")
    assert record["response"] == "HTTP 401: who are you"
    day = record["timestamp"][:10]
    failed = [each["SK"] for each in channels.transfers.queries.failed_notifications(day, 100)]
    assert record["SK"] in failed
    # When somebody wants it sent again, and says so twice
    for _ in range(2):
        order = resend_order(record["PK"], record["SK"], "wish-1", "ann@example.com")
        channels.transfers.sqs.send_message(QueueUrl=channels.orders_url, MessageBody=order)
    # Then it is sent, once
    again = channels.logged(route, "a.csv", "erp", "SENT")
    assert (again["resendId"], again["resentBy"]) == ("wish-1", "ann@example.com")
    time.sleep(1)
    assert len(channels.heard(webhook, 2)) == 2
    assert record["SK"] not in [each["SK"] for each in channels.transfers.queries.failed_notifications(day, 100)]


def test_what_the_topic_was_told_can_be_sent_again(channels: Channels) -> None:
    # Given a transfer of a workflow without channels
    route = channels.transfers.route()
    channels.transfers.upload(route, "a.csv")
    queries = channels.transfers.queries
    (record,) = channels.transfers.eventually(
        lambda: queries.notifications_of_file(route.customer, "a.csv"), "a record"
    )
    # When what its topic was told is to be sent again
    order = resend_order(record["PK"], record["SK"], "wish", "ann")
    channels.transfers.sqs.send_message(QueueUrl=channels.orders_url, MessageBody=order)
    # Then it is
    again = channels.transfers.eventually(
        lambda: [
            each
            for each in queries.notifications_of_file(route.customer, "a.csv")
            if each.get("resendId") == "wish" and each["status"] == "SENT"
        ],
        "it to be sent again",
    )
    assert again[0]["messageId"] != record["messageId"]


def test_retries_end(channels: Channels) -> None:
    webhook = channels.webhook()
    route = channels.route({"erp": webhook})
    channels.next_answers(*[Reply(500)] * 4)
    channels.transfers.upload(route, "a.csv")
    record = channels.logged(route, "a.csv", "erp", "FAILED")
    assert (record["retryCount"], len(channels.heard(webhook, 4))) == (3, 4)
    assert record["response"].startswith("given up after 4 tries")


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.2:{port}/x",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]:{port}/x",
        "https://[::ffff:127.0.0.2]:{port}/x",
        "https://2130706434:{port}/x",
        "https://10.0.0.1/x",
        "https://localhost.localdomain.invalid/x",
    ],
)
def test_no_channel_leads_inside(channels: Channels, url: str) -> None:
    # Given a channel to an address that is not public and not allowed
    webhook = channels.webhook(url=url.format(port=channels.listening.port))
    route = channels.route({"erp": webhook})
    before = len(channels.listening.received())
    # When it is to be told
    channels.transfers.upload(route, "a.csv")
    # Then nothing is sent, and the log says why
    record = channels.logged(route, "a.csv", "erp", "FAILED")
    assert "no public address" in record["response"] or "cannot be resolved" in record["response"]
    assert len(channels.listening.received()) == before


def test_redirects_lead_nowhere(channels: Channels) -> None:
    webhook = channels.webhook()
    route = channels.route({"erp": webhook})
    channels.next_answers(Reply(307, b"", {"Location": f"{channels.listening.url}/elsewhere"}))
    channels.transfers.upload(route, "a.csv")
    assert "redirects are not followed" in channels.logged(route, "a.csv", "erp", "FAILED")["response"]
    assert channels.listening.received("/elsewhere") == []


def test_a_secret_out_of_reach_fails_the_notification_alone(channels: Channels, cloud: LocalCloud) -> None:
    arn = cloud.client("secretsmanager").create_secret(Name=f"other/{uuid.uuid4().hex}", SecretString=KEY)["ARN"]
    webhook = channels.webhook(secretArn=arn)
    route = channels.route({"erp": webhook})
    channels.transfers.upload(route, "a.csv")
    assert channels.transfers.settled(route, "a.csv")["status"] == "SUCCESS"
    assert channels.logged(route, "a.csv", "erp", "FAILED")["response"].startswith("PERMISSION_DENIED")


def test_a_rotated_key_signs_beside_the_one_before(channels: Channels) -> None:
    webhook = channels.webhook()
    new = "another key of at least twenty-four bytes"
    channels.secrets.put_secret_value(SecretId=webhook["secretArn"], SecretString=new)
    route = channels.route({"erp": webhook})
    channels.transfers.upload(route, "a.csv")
    (request,) = channels.heard(webhook)
    assert_signed(request, KEY)
    assert_signed(request, new)


def test_messages_delivered_twice_and_lost_answers_tell_once(channels: Channels) -> None:
    webhook = channels.webhook()
    route = channels.route({"erp": webhook})
    # Given orders that come twice, an order whose answer is lost, and claims and ends of tries whose answers are lost
    channels.cloud.inject(
        [
            fault("sqs", "Message", "duplicate", resource="*notification-orders"),
            fault("sqs", "SendMessage", "lost_response", principal="*record-status*", nth=[1]),
            fault("dynamodb", "PutItem", "throttle", principal=ROLE, nth=[2]),
            fault("dynamodb", "UpdateItem", "lost_response", principal=ROLE, nth=[1]),
            fault("secretsmanager", "GetSecretValue", "throttle", principal=ROLE, nth=[1]),
        ]
    )
    # When four files end
    names = [f"f{number}.csv" for number in range(4)]
    with channels.cloud.sftp("tester") as sftp:
        sftp.put_all({f"{route.sftp_folder}/{name}": name.encode() for name in names})
    # Then each is told, and the log knows of each
    for name in names:
        channels.logged(route, name, "erp", "SENT")
    told = [assert_signed(each)["fileName"] for each in channels.heard(webhook, 4)]
    assert sorted(told) == names
    assert channels.cloud.injected()


def test_a_function_killed_while_it_tells_tells_again(channels: Channels) -> None:
    webhook = channels.webhook()
    route = channels.route({"erp": webhook})
    # Given a receiver that takes its time, and a function that dies meanwhile
    channels.next_answers(Reply(late_seconds=1.5))
    channels.cloud.inject([killed("deliver-notifications", 1000, nth=[1])])
    channels.transfers.upload(route, "a.csv")
    # Then the notification is told again, under the same id, and is SENT
    channels.logged(route, "a.csv", "erp", "SENT")
    assert len({each.headers["webhook-id"] for each in channels.heard(webhook)}) == 1


def test_a_digest_gathers_what_happened(channels: Channels) -> None:
    webhook = channels.webhook(digest={"every": "WEEK"})
    route = channels.route({"erp": webhook})
    # Given three files that ended
    for name in ("a.csv", "b.csv", "c.csv"):
        channels.transfers.upload(route, name)
        channels.transfers.settled(route, name)
    control = channels.transfers.system["table_names"]["FileTransferControl"]

    def markers() -> list[dict[str, Any]]:
        found = channels.transfers.dynamodb.query(
            TableName=control,
            KeyConditionExpression="PK = :pk",
            ExpressionAttributeValues={":pk": {"S": "DIGEST#DUE"}},
            ConsistentRead=True,
        )
        return [each for each in found["Items"] if each["workflowId"]["S"] == route.workflow_id]

    def gathered() -> list[dict[str, Any]]:
        return [
            item
            for marker in markers()
            for item in channels.transfers.dynamodb.query(
                TableName=control,
                KeyConditionExpression="PK = :pk",
                ExpressionAttributeValues={
                    ":pk": {"S": f"DIGEST#{route.workflow_id}#erp#{marker['dueAt']['S']}"},
                },
            )["Items"]
        ]

    channels.transfers.eventually(lambda: len(gathered()) == 3, "three entries")
    assert channels.listening.received("/" + webhook["url"].rsplit("/", 1)[-1]) == []
    # When the week is over: its marker is moved into the past with its entries
    (marker,) = markers()
    past = "2026-01-01T00:00:00.000000Z"
    for item in gathered():
        moved = {**item, "PK": {"S": f"DIGEST#{route.workflow_id}#erp#{past}"}}
        channels.transfers.dynamodb.put_item(TableName=control, Item=moved)
    channels.transfers.dynamodb.put_item(
        TableName=control,
        Item={**marker, "SK": {"S": f"{past}#{route.workflow_id}#erp"}, "dueAt": {"S": past}},
    )
    channels.transfers.dynamodb.delete_item(TableName=control, Key={"PK": marker["PK"], "SK": marker["SK"]})
    for _ in range(2):
        channels.cloud.tick(channels.lambda_names["send-digests"])
    # Then one message tells of all three
    (request,) = channels.heard(webhook)
    payload = assert_signed(request)
    assert problems("digest-payload", payload) == []
    assert payload["counts"] == {"SUCCESS": 3}
    assert sorted(each["fileName"] for each in payload["entries"]) == ["a.csv", "b.csv", "c.csv"]
    assert markers() == []


def test_an_order_that_nobody_can_carry_out_is_put_aside(channels: Channels) -> None:
    strange = announcement({"kind": "towpath.notification"})
    channels.transfers.sqs.send_message(QueueUrl=channels.orders_url, MessageBody=strange)
    aside = f"{channels.orders_url}-dlq"
    channels.transfers.eventually(
        lambda: [
            each
            for each in channels.transfers.sqs.receive_message(QueueUrl=aside, VisibilityTimeout=0).get("Messages", [])
            if each["Body"] == strange
        ],
        "the order to be put aside",
    )
