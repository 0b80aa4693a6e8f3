"""Channels of a workflow, and which of them want to hear of something. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from file_transfer.notifications.digest_times import DigestPlan

SNS, WEBHOOK, SLACK, TEAMS = "SNS", "WEBHOOK", "SLACK", "TEAMS"
#: The channel of the system's own topic; no definition may name one of its own so.
TOPIC = "sns"
OUTCOMES = ("SUCCESS", "SUPERSEDED", "PARTIAL", "FAILED", "REJECTED")
INCIDENTS = ("LATE", "MISSED", "MET_LATE", "EXCEEDED")
#: What needs somebody: the events of a channel that names none.
DEFAULT_EVENTS = ("PARTIAL", "FAILED", "REJECTED", "LATE", "MISSED", "EXCEEDED")
EVERYBODY = "*"


@dataclass(frozen=True)
class Channel:
    """One channel; schemas/workflow-notifications.schema.json has the form it is made of.

    `address` is a topic ARN or URL; empty where the URL itself is the secret.
    """

    id: str
    type: str
    address: str = ""
    secret_arn: str = ""
    ca_certificate: str = ""
    events: tuple[str, ...] = DEFAULT_EVENTS
    customers: tuple[str, ...] = ()
    enabled: bool = True
    digest: DigestPlan | None = field(default=None)

    def wants(self, notification: Mapping[str, Any]) -> bool:
        """True when it is told of this; a digest goes to the channel it was gathered for, without being asked."""
        mine = not self.customers or notification["customerId"] in self.customers
        return self.enabled and mine and notification["status"] in self.events


def read_channels(section: Mapping[str, Any]) -> tuple[Channel, ...]:
    """The channels of a definition's section `notifications`, which is valid by its schema."""
    return tuple(_channel(own_id, each) for own_id, each in sorted(section.get("channels", {}).items()))


def _channel(own_id: str, each: Mapping[str, Any]) -> Channel:
    return Channel(
        id=own_id,
        type=each["type"],
        address=each.get("topicArn") or each.get("url") or "",
        secret_arn=each.get("secretArn", ""),
        ca_certificate=each.get("caCertificate", ""),
        events=tuple(each.get("events", DEFAULT_EVENTS)),
        customers=tuple(each.get("customers", ())),
        enabled=each.get("enabled", True),
        digest=DigestPlan.read(each["digest"]) if "digest" in each else None,
    )
