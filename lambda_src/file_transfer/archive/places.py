"""Where things lie in the audit bucket: records by the hour of their export, one manifest an hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

RECORDS = "audit/"
MANIFESTS = "manifests/"
_HOUR = "%Y-%m-%dT%H"


def hour_of(moment: datetime) -> str:
    """`2026-11-21T20`, UTC: sorts as it counts."""
    return moment.astimezone(UTC).strftime(_HOUR)


def beginning(hour: str) -> datetime:
    """First moment of an hour. Raises ValueError for what is none."""
    return datetime.strptime(hour, _HOUR).replace(tzinfo=UTC)


def next_hour(hour: str) -> str:
    """The one after."""
    return hour_of(beginning(hour) + timedelta(hours=1))


def records_key(moment: datetime, first: str, last: str) -> str:
    """Object of a batch: the sequence numbers of its first and last change name it, so that a repeat is the same."""
    return f"{RECORDS}{hour_of(moment)}/{first}-{last}.jsonl"


def manifest_key(hour: str) -> str:
    """Object that seals an hour."""
    return f"{MANIFESTS}{hour}.json"


def hour_of_manifest(key: str) -> str:
    """The hour that a manifest's key names."""
    return key.removeprefix(MANIFESTS).removesuffix(".json")
