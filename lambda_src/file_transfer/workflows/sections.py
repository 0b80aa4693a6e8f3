"""The sections of a definition: maps, or JSON text where whoever stored the item cannot build nested maps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.schemas import Problem

SECTIONS = ("rules", "processing", "notifications", "expectations", "pull", "sftpUser")


def expanded(item: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The definition with its sections as maps, and those that are text but no JSON."""
    found = []
    whole = dict(item)
    for name in SECTIONS:
        if isinstance(whole.get(name), str):
            try:
                whole[name] = json.loads(whole[name], parse_float=Decimal)
            except (ValueError, RecursionError) as error:
                found.append(Problem(f"$.{name}", f"is not JSON: {error}"))
    return whole, found
