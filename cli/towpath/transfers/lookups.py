"""What a user writes instead of a key: a customer and a file's name, for its latest arrival."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from towpath.api import Api
from towpath.errors import Invalid, Missing

TRANSFERS = "/transfers"
PERIOD = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
DECEMBER = 12

Document = dict[str, Any]


def arrivals(api: Api, customer: str, file_name: str, most: int | None = None) -> list[Document]:
    """Arrivals of a file, the latest first. Raises Missing when it never came."""
    found = list(api.pages(TRANSFERS, {"customerId": customer, "fileName": file_name}, most))
    if not found:
        raise Missing(
            f"{customer} never sent {file_name}",
            f"`towpath transfers list {customer} --period 2026-01` lists the files of a month.",
        )
    return found


def latest(api: Api, customer: str, file_name: str) -> str:
    """The key of the latest arrival of a file. Raises Missing."""
    return str(arrivals(api, customer, file_name, 1)[0]["transferKey"])


def bounds_of(period: str) -> dict[str, str]:
    """`from` and `to` of a day (2026-01-02), a month (2026-01) or a year (2026). Raises Invalid."""
    match = PERIOD.fullmatch(period)
    try:
        if match is None:
            raise ValueError
        year, month, day = int(match[1]), int(match[2] or 1), int(match[3] or 1)
        first = date(year, month, day)
    except ValueError as error:
        raise Invalid(f"{period!r} is no day, month or year", "Write 2026-01-02, 2026-01 or 2026.") from error
    if match[3]:
        after = first + timedelta(days=1)
    elif match[2]:
        after = date(year + month // DECEMBER, month % DECEMBER + 1, 1)
    else:
        after = date(year + 1, 1, 1)
    return {"from": first.isoformat(), "to": after.isoformat()}
