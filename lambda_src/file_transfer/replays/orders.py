"""Messages to the intake that start a transfer again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.ids import derived_id, new_id

Message = dict[str, Any]

PREFIX = "replay"
#: schemas/replay-message.schema.json
MOST_OF_NAME = 200


def replay_id_of(actor: str, key: str, now: datetime) -> str:
    """`replay-` and 20 characters; the same ones for the same Idempotency-Key of somebody."""
    return derived_id(PREFIX, f"{actor} {key}") if key else new_id(PREFIX, now)


def replay_order(pk: str, sk: str, replay_id: str, by: str, confirmed: bool = False) -> Message:
    """A replay of a transfer, by the key of its status item; the same id replays it once."""
    order: Message = {"kind": "towpath.replay", "pk": pk, "sk": sk, "replayId": replay_id, "by": by[:MOST_OF_NAME]}
    return order | ({"confirmed": True} if confirmed else {})


def retry_order(item: Mapping[str, Any]) -> Message:
    """The next attempt of a transfer that waits, as it stands: an item that has changed since is left alone."""
    return {"kind": "towpath.retry", "pk": item["PK"], "sk": item["SK"], "attempt": item["attempt"]}
