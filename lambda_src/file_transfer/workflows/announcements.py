"""What a schema cannot say of expectations. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared.errors import ValidationFailed
from shared.schemas import Problem
from shared.time_zones import zone


def expectation_problems(
    section: Mapping[str, Any], customer_id: str, check_pattern: Callable[[str], None]
) -> list[Problem]:
    """Problems of a section that is valid by its schema.

    `customer_id` is that of the definition; `check_pattern` raises ValueError for what is no safe pattern.
    """
    found = []
    for own_id, each in section.items():
        path = f"$.expectations.{own_id}"
        if not (each.get("customerId") or customer_id):
            found.append(Problem(f"{path}.customerId", "is required: the workflow has no customerId of its own"))
        if customer_id and each.get("customerId", customer_id) != customer_id:
            found.append(Problem(f"{path}.customerId", f"the workflow's files are all of {customer_id}"))
        found += _zone_problems(f"{path}.timeZone", each.get("timeZone", "UTC"))
        count, size = each.get("count", {}), each.get("size", {})
        if count.get("min", 1) > count.get("max", count.get("min", 1)):
            found.append(Problem(f"{path}.count", "min is above max"))
        if size.get("minBytes", 0) > size.get("maxBytes", size.get("minBytes", 0)):
            found.append(Problem(f"{path}.size", "minBytes is above maxBytes"))
        if "namePattern" in each:
            try:
                check_pattern(each["namePattern"])
            except ValueError as error:
                found.append(Problem(f"{path}.namePattern", str(error)))
    return found


def notification_problems(section: Mapping[str, Any]) -> list[Problem]:
    """Problems of a section `notifications` that is valid by its schema."""
    return [
        problem
        for own_id, each in section.get("channels", {}).items()
        for problem in _zone_problems(
            f"$.notifications.channels.{own_id}.digest.timeZone", each.get("digest", {}).get("timeZone", "UTC")
        )
    ]


def _zone_problems(path: str, name: str) -> list[Problem]:
    try:
        zone(name)
    except ValidationFailed as error:
        return [Problem(path, str(error))]
    return []
