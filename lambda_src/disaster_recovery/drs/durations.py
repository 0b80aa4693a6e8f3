"""ISO 8601 durations as DRS writes them (`lagDuration`), in seconds."""

from __future__ import annotations

import re

_DURATION = re.compile(
    r"P(?:(?P<days>\d+(?:\.\d+)?)D)?"
    r"(?:T(?:(?P<hours>\d+(?:\.\d+)?)H)?(?:(?P<minutes>\d+(?:\.\d+)?)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_UNITS = {"days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}


def seconds_of(text: str | None) -> int | None:
    """`PT2M30S` → 150, `P1DT0S` → 86400; None for no text or one that is no duration: the lag is then unknown."""
    found = _DURATION.fullmatch(text or "")
    if not found or not any(found.groupdict().values()):
        return None
    return round(sum(float(found[unit] or 0) * seconds for unit, seconds in _UNITS.items()))


def text_of(seconds: int | None) -> str:
    """`2 h 5 min`, `5 min 2 s`, `14 s`; `unknown` for None. The two largest units, for people."""
    if seconds is None:
        return "unknown"
    parts = []
    for unit, name in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        count, seconds = divmod(seconds, unit)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or "0 s"
