"""What is posted, how it is signed, and what answers mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from file_transfer.notifications import signature
from file_transfer.notifications.addresses import Place
from file_transfer.notifications.bodies import body_of, slack, teams
from file_transfer.notifications.channels import SLACK, SNS, TEAMS, WEBHOOK, Channel
from file_transfer.notifications.https import Answer
from file_transfer.notifications.sending import Sender, backoff_seconds, judged
from file_transfer.notifications.settings import NotificationSettings
from shared.errors import Throttled, Timeout, ValidationFailed
from tests.unit.fake_sns import FakeSns

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NOTIFICATION = {
    "kind": "towpath.notification",
    "notificationId": "0123456789abcdef-2",
    "status": "FAILED",
    "text": "❌ Transfer of file `<!channel>&.csv` for customer bank failed: no",
    "transferId": "0123456789abcdef",
    "fileName": "<!channel>&.csv",
    "customerId": "bank",
    "workflowId": "wf",
    "key": "from-sftp/bank/<!channel>&.csv",
    "failureReason": "NOT_FOUND",
    "timestamp": "2026-01-02T03:04:05.000000Z",
}


@dataclass
class FakeReceiver:
    """Keeps what was posted; answers or raises in turn, then says 200."""

    replies: list[Answer | Exception] = field(default_factory=list)
    posted: list[tuple[Place, Mapping[str, str], bytes, str]] = field(default_factory=list)

    def __call__(self, place: Place, headers: Mapping[str, str], body: bytes, seconds: float, ca: str) -> Answer:
        self.posted.append((place, headers, body, ca))
        reply = self.replies.pop(0) if self.replies else Answer(200, "ok")
        if isinstance(reply, Exception):
            raise reply
        return reply


@dataclass
class FakeSecrets:
    """Texts by ARN, the newest first."""

    texts: dict[str, list[str]]

    def current(self, arn: str) -> str:
        return self.both(arn)[0]

    def both(self, arn: str) -> list[str]:
        if arn not in self.texts:
            raise Throttled("GetSecretValue: slow down")
        return self.texts[arn]


KEYS = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "the key before it, long enough"]


def sender(receiver: FakeReceiver, sns: Any = None) -> Sender:
    secrets = FakeSecrets({"key": KEYS, "url": ["https://chat.example/T0/B0/secret\n"]})
    return Sender(NotificationSettings(), sns or FakeSns(), secrets, receiver, lambda _host, _port: ["93.184.216.34"])


def test_signatures_are_those_of_the_specification() -> None:
    # Given the example of the specification's libraries
    key = signature.key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    headers = signature.signed_headers([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    # Then the signature is the one that they expect
    assert headers[signature.SIGNATURE] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("secret", ["short", "whsec_c2hvcnQ=", "whsec_not base64 at all!", "   "])
def test_a_key_that_protects_nothing_is_refused(secret: str) -> None:
    with pytest.raises(ValidationFailed):
        signature.key_of(secret)


def test_a_webhook_is_signed_with_both_keys() -> None:
    receiver = FakeReceiver()
    channel = Channel("erp", WEBHOOK, "https://hooks.example/in", "key", ca_certificate="PEM")
    assert sender(receiver).send(channel, NOTIFICATION, NOW).status == "SENT"
    ((place, headers, body, ca),) = receiver.posted
    assert (place.host, place.addresses, ca) == ("hooks.example", ("93.184.216.34",), "PEM")
    assert headers[signature.ID] == NOTIFICATION["notificationId"]
    assert headers[signature.TIMESTAMP] == str(int(NOW.timestamp()))
    expected = signature.signed_headers(
        [signature.key_of(each) for each in KEYS], headers[signature.ID], int(NOW.timestamp()), body
    )
    assert headers[signature.SIGNATURE] == expected[signature.SIGNATURE]
    assert len(headers[signature.SIGNATURE].split()) == 2
    assert json.loads(body) == NOTIFICATION


@pytest.mark.parametrize("kind", [SLACK, TEAMS])
def test_a_chat_s_url_is_its_secret(kind: str) -> None:
    receiver = FakeReceiver()
    assert sender(receiver).send(Channel("chat", kind, "", "url"), NOTIFICATION, NOW).status == "SENT"
    ((place, headers, body, _),) = receiver.posted
    assert (place.host, place.path) == ("chat.example", "/T0/B0/secret")
    assert signature.SIGNATURE not in headers
    assert body == body_of(kind, NOTIFICATION)


def test_a_topic_gets_the_notification_as_it_is() -> None:
    sns = FakeSns()
    ending = sender(FakeReceiver(), sns).send(Channel("ops", SNS, "arn:topic"), NOTIFICATION, NOW)
    assert (ending.status, ending.message_id) == ("SENT", "id-1")
    (published,) = sns.published
    assert json.loads(published["Message"]) == NOTIFICATION
    assert published["TopicArn"] == "arn:topic"
    assert {name: each["StringValue"] for name, each in published["MessageAttributes"].items()} == {
        "status": "FAILED",
        "workflowId": "wf",
        "customerId": "bank",
    }


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (200, "SENT"),
        (204, "SENT"),
        (301, "FAILED"),
        (308, "FAILED"),
        (400, "FAILED"),
        (404, "FAILED"),
        (410, "FAILED"),
        (408, "RETRYING"),
        (425, "RETRYING"),
        (429, "RETRYING"),
        (500, "RETRYING"),
        (503, "RETRYING"),
    ],
)
def test_what_an_answer_means(answer: int, status: str) -> None:
    assert judged(Answer(answer, "said")).status == status


def test_what_may_pass_is_tried_again_and_what_will_not_is_not() -> None:
    channel = Channel("erp", WEBHOOK, "https://hooks.example/", "key")
    receiver = FakeReceiver([Timeout("slow")])
    assert sender(receiver).send(channel, NOTIFICATION, NOW).status == "RETRYING"
    assert (
        sender(receiver).send(Channel("erp", WEBHOOK, "https://x.example/", "unread"), NOTIFICATION, NOW).status
        == "RETRYING"
    )
    refused = sender(receiver).send(Channel("erp", WEBHOOK, "http://x.example/", "key"), NOTIFICATION, NOW)
    assert (refused.status, refused.response) == ("FAILED", "VALIDATION_FAILED: only https:// URLs are followed")
    sns = FakeSns()
    sns.refusals = 1
    assert sender(receiver, sns).send(Channel("ops", SNS, "arn"), NOTIFICATION, NOW).status == "RETRYING"


def test_waits_double_with_chance_and_heed_the_receiver() -> None:
    settings = NotificationSettings(retry_base_seconds=30, retry_max_seconds=600)
    for tries, full in ((1, 30), (2, 60), (5, 480), (6, 600), (60, 600)):
        waits = {backoff_seconds(tries, 0, settings, Random(seed)) for seed in range(40)}
        assert full / 2 - 1 <= min(waits) < max(waits) <= full
    assert backoff_seconds(1, 120, settings, Random(1)) == 120
    assert backoff_seconds(1, 99999, settings, Random(1)) == 600


def test_a_name_mentions_nobody_in_a_chat() -> None:
    message = slack(NOTIFICATION)
    assert "<!channel>" not in json.dumps(message)
    assert "&lt;!channel&gt;&amp;.csv" in message["text"]
    card = teams({**NOTIFICATION, "text": "[click](https://evil.example) *now*"})["attachments"][0]["content"]
    assert card["body"][0]["text"] == "\\[click\\](https://evil.example) \\*now\\*"


def test_chats_get_no_more_than_they_take() -> None:
    digest = {
        **NOTIFICATION,
        "text": "x" * 9000,
        "counts": {"FAILED": 70},
        "entries": [{"text": f"{number} " + "y" * 2000} for number in range(50)],
    }
    message = slack(digest)
    assert all(len(block["text"]["text"]) <= 3000 for block in message["blocks"] if "text" in block)
    assert "and 50 more" in json.dumps(teams(digest))
    assert len(body_of(TEAMS, digest)) < 28 * 1024
