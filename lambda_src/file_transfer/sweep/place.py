"""How far the sweep has come: one item of FileTransferControl, written at the next revision or not at all.

A pass goes once through the listing and looks at the versions of one span of time. Spans follow each other, so each
version is looked up once; every now and then a deep pass goes back over the whole look-back time, since a version may
be older than the moment at which it appears: an upload in parts has the time of its beginning (Amazon S3 API Reference,
HeadObject, Last-Modified).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from file_transfer.sweep.versions import Marker
from shared.clock import parse, stamp
from shared.conditional import put_if
from shared.dynamodb import from_item, to_item

#: Deep passes in the time that they go back.
DEEP_PASSES = 4
#: With so many arrivals announced by one pass, the next does not ask again whether each was taken in: they wait in a
#: queue that is behind, and a second message about each would put it further behind.
MOST_ASKED_AGAIN = 5000
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Pass:
    """Looks at what was modified after `since` and not after `until`.

    `oldest_open` and `oldest_found` are when the first arrived of those at work, and of the `found` without a record.
    """

    since: str
    until: str
    marker: Marker = Marker()
    oldest_open: str = ""
    oldest_found: str = ""
    found: int = 0

    def covers(self, modified: str) -> bool:
        """True for a version of this pass's span."""
        return self.since < modified <= self.until


@dataclass(frozen=True)
class Seen:
    """What one page adds to its pass."""

    oldest_open: str = ""
    oldest_found: str = ""
    found: int = 0


@dataclass(frozen=True)
class Place:
    """What is remembered between two runs; times are fixed-width UTC, "" before the first."""

    looked_until: str = ""
    deep_at: str = ""
    under_way: Pass | None = None
    revision: int = 0


def next_pass(place: Place, now: datetime, settle_seconds: int, lookback_hours: int) -> Place:
    """The place with a pass to go on with: the one that was interrupted, or a new one."""
    if place.under_way:
        return place
    until, lookback = now - timedelta(seconds=settle_seconds), timedelta(hours=lookback_hours)
    bottom = stamp(until - lookback)
    deep = not place.deep_at or now - parse(place.deep_at) >= lookback / DEEP_PASSES
    since = bottom if deep else max(bottom, place.looked_until)
    return replace(place, deep_at=stamp(now) if deep else place.deep_at, under_way=Pass(since, stamp(until)))


def advanced(place: Place, behind: Marker | None, seen: Seen) -> Place:
    """The place after a page. What is open at the end of a pass is looked at again by the next."""
    current = place.under_way
    assert current is not None
    current = replace(
        current,
        oldest_open=_earlier(current.oldest_open, seen.oldest_open),
        oldest_found=_earlier(current.oldest_found, seen.oldest_found),
        found=current.found + seen.found,
    )
    if behind:
        return replace(place, under_way=replace(current, marker=behind))
    again = current.oldest_found if current.found <= MOST_ASKED_AGAIN else ""
    oldest = _earlier(current.oldest_open, again)
    looked_until = stamp(parse(oldest) - SECOND) if oldest else current.until
    return replace(place, looked_until=looked_until, under_way=None)


def _earlier(one: str, other: str) -> str:
    return min(filter(None, (one, other)), default="")


class Places:
    """The item of one bucket."""

    def __init__(self, dynamodb: Any, table: str, bucket: str) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._key = {"PK": f"SWEEP#{bucket}", "SK": "PLACE"}

    def read(self) -> Place:
        """Where the last run stopped."""
        answer = self._dynamodb.get_item(TableName=self._table, Key=to_item(self._key), ConsistentRead=True)
        if "Item" not in answer:
            return Place()
        item = from_item(answer["Item"])
        current = item.get("pass")
        return Place(
            looked_until=item["lookedUntil"],
            deep_at=item["deepAt"],
            under_way=Pass(**{**current, "marker": Marker(**current["marker"])}) if current else None,
            revision=item["revision"],
        )

    def save(self, place: Place) -> Place | None:
        """The place at its next revision, or None when another run has gone on from it."""
        item = {
            **self._key,
            "lookedUntil": place.looked_until,
            "deepAt": place.deep_at,
            "pass": asdict(place.under_way) if place.under_way else None,
            "revision": place.revision + 1,
        }
        condition = "attribute_not_exists(PK) OR revision = :revision"
        held, _ = put_if(self._dynamodb, self._table, item, condition, {":revision": place.revision})
        return replace(place, revision=place.revision + 1) if held else None
