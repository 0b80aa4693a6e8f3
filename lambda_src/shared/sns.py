"""What Amazon SNS wants of a notification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.canonical import canonical_json

#: Publish (API Reference): ASCII, below 100 characters, no line breaks.
SUBJECT_LENGTH = 99


def subject_of(text: str) -> str:
    """The text as a subject: what SNS does not take becomes `?`, what is too long is cut."""
    plain = "".join(letter if " " <= letter <= "~" else "?" for letter in text)
    return plain if len(plain) <= SUBJECT_LENGTH else f"{plain[: SUBJECT_LENGTH - 3]}..."


def publication(topic_arn: str, subject: str, message: Mapping[str, Any], filters: Mapping[str, str]) -> dict[str, Any]:
    """Arguments of Publish: the message as JSON, and the attributes by which subscriptions may filter."""
    return {
        "TopicArn": topic_arn,
        "Subject": subject,
        "Message": canonical_json(message),
        "MessageAttributes": {name: {"DataType": "String", "StringValue": value} for name, value in filters.items()},
    }
