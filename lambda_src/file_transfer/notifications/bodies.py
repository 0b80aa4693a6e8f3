"""A notification in the words of each kind of channel. Pure.

Slack: Block Kit, sections of at most 3,000 characters. Teams: an Adaptive Card for the webhook of a workflow, which
took the place of the connectors; a message has at most about 28 KB.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from file_transfer.notifications.channels import SLACK, TEAMS
from shared.canonical import canonical_json

TEXT_LENGTH = 2500
FACT_LENGTH = 300
LINES = 20
#: Members of notifications that people read as facts, and what they are called.
FACTS = {
    "status": "Status",
    "customerId": "Customer",
    "workflowId": "Workflow",
    "key": "File",
    "expectationId": "Expectation",
    "dueAt": "Due",
    "failureReason": "Reason",
    "timestamp": "At",
}

Notification = Mapping[str, Any]


def body_of(kind: str, notification: Notification) -> bytes:
    """The body that is posted, JSON."""
    shaped = {SLACK: slack, TEAMS: teams}.get(kind)
    return canonical_json(shaped(notification) if shaped else notification).encode()


def facts(notification: Notification) -> dict[str, str]:
    """Title → value of what is known."""
    return {title: cut(str(notification[name]), FACT_LENGTH) for name, title in FACTS.items() if notification.get(name)}


def slack(notification: Notification) -> dict[str, Any]:
    """`text` is what notifications on a phone show, blocks are what the channel shows."""
    text = escaped(cut(notification["text"], TEXT_LENGTH))
    fields = [
        {"type": "mrkdwn", "text": f"*{title}*\n{escaped(value)}"} for title, value in facts(notification).items()
    ]
    blocks: list[dict[str, Any]] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": text}},
        {"type": "section", "fields": fields},
    ]
    listed = lines(notification)
    if listed:
        shown = cut("\n".join(f"• {escaped(line)}" for line in listed), TEXT_LENGTH)
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": shown}})
    return {"text": text, "blocks": blocks}


def teams(notification: Notification) -> dict[str, Any]:
    """A message with one card."""
    body: list[dict[str, Any]] = [
        {"type": "TextBlock", "text": plain(cut(notification["text"], TEXT_LENGTH)), "wrap": True, "weight": "Bolder"},
        {
            "type": "FactSet",
            "facts": [{"title": title, "value": plain(each)} for title, each in facts(notification).items()],
        },
    ]
    body += [
        {"type": "TextBlock", "text": plain(line), "wrap": True, "spacing": "Small"} for line in lines(notification)
    ]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    return {
        "type": "message",
        "attachments": [
            {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
        ],
    }


def lines(notification: Notification) -> list[str]:
    """What a digest lists, as far as a chat has room for it."""
    entries = [cut(str(each["text"]), FACT_LENGTH) for each in notification.get("entries", [])[:LINES]]
    left = sum(notification.get("counts", {}).values()) - len(entries) if entries else 0
    return [*entries, f"and {left} more"] if left > 0 else entries


def escaped(text: str) -> str:
    """Slack's three control characters: a file name can mention nobody and make no link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str) -> str:
    """Text without the marks of which a card makes links and emphasis."""
    return "".join(f"\\{letter}" if letter in "\\[]*_" else letter for letter in text)


def cut(text: str, length: int) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= length else f"{text[: length - 1]}…"
