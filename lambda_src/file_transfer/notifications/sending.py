"""One try over one channel: what is posted or published where, and what the answer means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from file_transfer.notifications import signature
from file_transfer.notifications.addresses import Place, Resolve, place_of, resolved
from file_transfer.notifications.bodies import body_of
from file_transfer.notifications.channels import SNS, WEBHOOK, Channel
from file_transfer.notifications.delivery_log import Ending
from file_transfer.notifications.https import Answer, post
from file_transfer.notifications.notification import AGAIN, FAILED, SENT
from file_transfer.notifications.settings import NotificationSettings
from shared.aws_errors import classify
from shared.errors import TowpathError
from shared.sns import publication, subject_of

#: Statuses of an answer after which the same request may go better (RFC 9110, 8470 and 6585).
PASSING_STATUSES = frozenset({408, 425, 429})
AGENT = "towpath-notifications"

Post = Callable[[Place, Mapping[str, str], bytes, float, str], Answer]
Notification = Mapping[str, Any]


class Secrets(Protocol):
    """Where the texts of secrets come from."""

    def current(self, arn: str) -> str:
        """The secret as it is."""

    def both(self, arn: str) -> list[str]:
        """The secret as it is, and as it was before."""


@dataclass(frozen=True)
class Sender:
    """`wait` of an Ending is what the receiver asked for, 0 if it asked for nothing."""

    settings: NotificationSettings
    sns: Any
    secrets: Secrets
    post: Post = post
    resolve: Resolve = resolved

    def send(self, channel: Channel, notification: Notification, now: datetime) -> Ending:
        """One try: SENT, RETRYING (it may go better later) or FAILED (it will not)."""
        try:
            if channel.type == SNS:
                return self._publish(channel.address, notification)
            return self._post(channel, notification, now)
        except TowpathError as error:
            return Ending(AGAIN if error.retriable else FAILED, f"{error.code}: {error}")

    def _publish(self, topic_arn: str, notification: Notification) -> Ending:
        filters = {name: str(notification[name]) for name in ("status", "workflowId", "customerId")}
        subject = subject_of(f"{notification['status']}: {subject_matter(notification)}")
        try:
            answer = self.sns.publish(**publication(topic_arn, subject, notification, filters))
        except (ClientError, BotoCoreError) as error:
            raise classify(error, "Publish") from error
        return Ending(SENT, "Message published to SNS", answer["MessageId"])

    def _post(self, channel: Channel, notification: Notification, now: datetime) -> Ending:
        body = body_of(channel.type, notification)
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": AGENT}
        if channel.type == WEBHOOK:
            url = channel.address
            keys = [signature.key_of(each) for each in self.secrets.both(channel.secret_arn)]
            own_id = str(notification["notificationId"])
            headers |= signature.signed_headers(keys, own_id, int(now.timestamp()), body)
        else:
            url = self.secrets.current(channel.secret_arn).strip()
        place = place_of(url, self.settings.allowed_networks, self.resolve)
        answer = self.post(place, headers, body, self.settings.request_seconds, channel.ca_certificate)
        return judged(answer)


def judged(answer: Answer) -> Ending:
    """What an answer means for the notification."""
    said = f"HTTP {answer.status}: {answer.body.strip()}" if answer.body.strip() else f"HTTP {answer.status}"
    if 200 <= answer.status < 300:  # noqa: PLR2004  (successful, RFC 9110)
        return Ending(SENT, said)
    if answer.status in PASSING_STATUSES or answer.status >= 500:  # noqa: PLR2004  (the server's fault, RFC 9110)
        return Ending(AGAIN, said, wait_seconds=answer.retry_after or 0)
    if 300 <= answer.status < 400:  # noqa: PLR2004  (redirection, RFC 9110)
        return Ending(FAILED, f"{said} (redirects are not followed)")
    return Ending(FAILED, said)


def subject_matter(notification: Notification) -> str:
    """What a subject names."""
    return str(notification.get("fileName") or notification.get("expectationId") or notification["workflowId"])


def backoff_seconds(tries: int, asked: int, settings: NotificationSettings, chance: Random) -> int:
    """How long to wait after so many tries: doubling, at least half of it, and what the receiver asked for."""
    most = settings.retry_max_seconds
    full: int = min(settings.retry_base_seconds * 2 ** (tries - 1), most)
    return max(1, round(full * chance.uniform(0.5, 1)), min(asked, most))
