"""Orders: messages that say what is to be announced, or what is to be sent once more. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from file_transfer.notifications import notification
from file_transfer.notifications.channels import OUTCOMES
from shared.canonical import canonical_json
from shared.errors import ValidationFailed
from shared.schemas import problems

KIND = "towpath.notification"
SCHEMA = "notification-order"


@dataclass(frozen=True)
class Order:
    """Either `notification` (with `channel`: over this one alone) or the key of a log record and the wish's id."""

    notification: Mapping[str, Any] = field(default_factory=dict)
    channel: str = ""
    expires_at: int | None = None
    pk: str = ""
    sk: str = ""
    resend: str = ""
    by: str = ""


def is_ordered(new: Mapping[str, Any]) -> bool:
    """True for the end of a transfer whose workflow has channels, as its claim noted. Each says later what it wants."""
    return new["status"] in OUTCOMES and bool(new.get("channels"))


def transfer_order(new: Mapping[str, Any]) -> str:
    """The order that announces how a transfer ended."""
    return announcement(notification.payload(new), expires_at=new.get("expiresAt"))


def announcement(payload: Mapping[str, Any], channel: str = "", expires_at: int | None = None) -> str:
    """An order to announce something; `expires_at` (epoch seconds) is when its records may go."""
    body: dict[str, Any] = {"kind": KIND, "notification": payload}
    if channel:
        body["channel"] = channel
    if expires_at is not None:
        body["expiresAt"] = expires_at
    return canonical_json(body)


def resend_order(pk: str, sk: str, resend: str, by: str) -> str:
    """An order to send what a record of TransferNotificationLog says once more; the same `resend` sends it once."""
    return canonical_json({"kind": KIND, "pk": pk, "sk": sk, "resend": resend, "by": by})


def read_order(body: str) -> Order:
    """The order of a message. Raises ValidationFailed naming the bad field."""
    try:
        value = json.loads(body)
    except ValueError as error:
        raise ValidationFailed(f"the order is no JSON: {error}") from error
    found = problems(SCHEMA, value)
    if found:
        raise ValidationFailed(f"the order is malformed: {found[0]}")
    return Order(
        notification=value.get("notification", {}),
        channel=value.get("channel", ""),
        expires_at=value.get("expiresAt"),
        pk=value.get("pk", ""),
        sk=value.get("sk", ""),
        resend=value.get("resend", ""),
        by=value.get("by", ""),
    )
