"""Replays in the table FileTransferControl: one item each, changed under its revision."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from file_transfer.replays.replay import COMPLETED, PENDING, RUNNING, Filter
from shared.clock import stamp
from shared.conditional import put_if
from shared.dynamodb import from_item, to_item

#: How long somebody may ask what became of a replay.
KEPT = timedelta(days=90)
SORT_KEY = "JOB"

Item = dict[str, Any]


class ReplayStore:
    """`dynamodb` is a low-level boto3 client."""

    def __init__(self, dynamodb: Any, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def create(self, item: Item) -> tuple[bool, Item]:
        """(True, {}) for a new replay, else (False, the one that is there)."""
        return put_if(self._dynamodb, self._table, item, "attribute_not_exists(PK)")

    def get(self, replay_id: str) -> Item | None:
        """A replay as it stands."""
        answer = self._dynamodb.get_item(TableName=self._table, Key=to_item(key_of(replay_id)), ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else None

    def save(self, item: Item) -> bool:
        """Puts the next revision; False if somebody else has."""
        values = {":seen": item["revision"] - 1}
        saved, _ = put_if(self._dynamodb, self._table, item, "revision = :seen", values)
        return saved


def key_of(replay_id: str) -> dict[str, str]:
    """Where a replay is stored."""
    return {"PK": f"REPLAY#{replay_id}", "SK": SORT_KEY}


def new_replay(replay_id: str, wanted: Filter, asked: Mapping[str, Any], by: str, now: datetime) -> Item:
    """The item of a new replay. `asked` is the filter in the words of who asked, which is what is shown."""
    return {
        **key_of(replay_id),
        "replayId": replay_id,
        "status": PENDING,
        "selection": wanted.to_item(),
        "filter": dict(asked),
        "startedBy": by,
        "startedAt": stamp(now),
        "updatedAt": stamp(now),
        "counts": {"sent": 0, "left": 0},
        "revision": 1,
        "expiresAt": int((now + KEPT).timestamp()),
    }


def advanced(item: Item, sent: int, left: int, position: Mapping[str, Any] | None, now: datetime) -> Item:
    """The replay after a page: `left` were looked at and not meant. Without a position it is done."""
    moved = {
        **{name: value for name, value in item.items() if name != "position"},
        "status": RUNNING if position else COMPLETED,
        "counts": {"sent": item["counts"]["sent"] + sent, "left": item["counts"]["left"] + left},
        "updatedAt": stamp(now),
        "revision": item["revision"] + 1,
    }
    return {**moved, "position": dict(position)} if position else {**moved, "endedAt": stamp(now)}
