"""Times of day where somebody lives, as moments. Pure but for the files of the time zone database."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.errors import ValidationFailed

DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


@cache
def zone(name: str) -> tzinfo:
    """The zone of an IANA name. Raises ValidationFailed when there is none.

    Where the operating system has no database, as in Lambda's images of Amazon Linux 2023, the one that boto3 brings
    along answers: dateutil's.
    """
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        found = _bundled(name)
        if found is None:
            raise ValidationFailed(f"there is no time zone {name!r}") from None
        return found


def _bundled(name: str) -> tzinfo | None:
    try:
        from dateutil import zoneinfo  # type: ignore[import-untyped]  # noqa: PLC0415  (only where it is needed)
    except ImportError:
        return None
    found: tzinfo | None = zoneinfo.get_zonefile_instance().get(name)
    return found


def local_moment(day: date, at: time, zone_name: str) -> datetime:
    """A local time of a day as a moment in UTC.

    A time that the clocks skip is as long after the skip as it would have been after midnight; of one that they show
    twice, the first.
    """
    local = datetime.combine(day, at, zone(zone_name))
    return local.astimezone(UTC)


def local_day(moment: datetime, zone_name: str) -> date:
    """The date that people there write at a moment."""
    return moment.astimezone(zone(zone_name)).date()


def next_day(day: date) -> date:
    """The day after."""
    return day + timedelta(days=1)
