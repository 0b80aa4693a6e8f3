"""What a drill costs beyond replication, roughly: instances, their disks, the conversion servers. Pure.

Linux on-demand list prices of us-east-1 in 2026 (Amazon EC2 and Amazon EBS price pages), in millionths of a dollar.
Other Regions, licences, traffic and discounts are not in it; the answer says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

#: Per hour of the size "large" of a family; the other sizes are multiples of it.
LARGE_HOUR = {
    "t3": 83_200,
    "t3a": 75_200,
    "m5": 96_000,
    "m5a": 86_000,
    "m6i": 96_000,
    "m6a": 86_400,
    "m7i": 100_800,
    "c5": 85_000,
    "c6i": 85_000,
    "r5": 126_000,
    "r6i": 126_000,
}
SIZES = {"nano": 1 / 16, "micro": 1 / 8, "small": 1 / 4, "medium": 1 / 2, "large": 1, "xlarge": 2}
#: gp3, per GiB and month of 730 hours.
DISK_GIB_MONTH = 80_000
MONTH_SECONDS = 730 * 3600
#: DRS converts each server on an m5.large for about as long as a conversion takes (duration_model).
CONVERSION_SECONDS = 360
#: An instance is paid for a minute at least (Amazon EC2 pricing, per-second billing).
LEAST_SECONDS = 60
USUAL_TYPE = "m5.large"
KEPT_SECONDS = 3600


@dataclass(frozen=True)
class CostInput:
    """`instance_types`: one for each server, "" when unknown. `kept_seconds`: the drill's TTL, None without one."""

    instance_types: Sequence[str]
    disk_gib: int
    run_seconds: int
    kept_seconds: int | None


def estimate(drill: CostInput) -> dict[str, Any]:
    """{"usd", "instancesUsd", "disksUsd", "conversionUsd", "hoursKept", "assumptions"}; amounts are text."""
    kept = KEPT_SECONDS if drill.kept_seconds is None else drill.kept_seconds
    seconds = max(LEAST_SECONDS, kept + drill.run_seconds // 2)
    instances = sum(price_per_hour(each) for each in drill.instance_types) * seconds // 3600
    disks = DISK_GIB_MONTH * drill.disk_gib * seconds // MONTH_SECONDS
    conversion = price_per_hour(USUAL_TYPE) * CONVERSION_SECONDS * len(drill.instance_types) // 3600
    return {
        "usd": _usd(instances + disks + conversion),
        "instancesUsd": _usd(instances),
        "disksUsd": _usd(disks),
        "conversionUsd": _usd(conversion),
        "hoursKept": f"{kept / 3600:.1f}",
        "assumptions": _assumptions(drill),
    }


def price_per_hour(instance_type: str) -> int:
    """Millionths of a dollar. A type that is not in the list counts as an m5 of its size, no type as m5.large."""
    family, _, size = (instance_type or USUAL_TYPE).partition(".")
    larges = SIZES.get(size)
    if larges is None:
        several = re.fullmatch(r"(\d+)xlarge", size)
        larges = 2 * int(several[1]) if several else SIZES["large"]
    return round(LARGE_HOUR.get(family, LARGE_HOUR["m5"]) * larges)


def _assumptions(drill: CostInput) -> list[str]:
    found = ["Linux on-demand prices of us-east-1; no licences, traffic or discounts"]
    if drill.kept_seconds is None:
        found.append("the plan has no drill TTL: one hour after the last launch is assumed")
    unknown = sum(1 for each in drill.instance_types if each.partition(".")[0] not in LARGE_HOUR)
    if unknown:
        found.append(f"{unknown} of {len(drill.instance_types)} instance types are not in the price list: priced as m5")
    if not drill.disk_gib and drill.instance_types:
        found.append("disk sizes are unknown and not counted")
    return found


def _usd(millionths: int) -> str:
    return f"{millionths / 1_000_000:.2f}"
