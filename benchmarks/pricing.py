"""What counted things cost at list prices: arithmetic only. `prices.json` has the prices, their source and date."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PRICES_FILE = Path(__file__).parent / "prices.json"
EXPRESS_STEP_MS = 100
MB_PER_GB = 1024


@dataclass(frozen=True)
class Prices:
    """The price list: `usd_per_million` and `labels` by item, and the total that a million files may cost."""

    source: str
    read: str
    target: float
    usd_per_million: Mapping[str, float]
    beside_the_total: Mapping[str, float]
    labels: Mapping[str, str]
    units: Mapping[str, str]


def load(path: Path = PRICES_FILE) -> Prices:
    """Reads the price list."""
    data = json.loads(path.read_text())
    items, beside = data["items"], data["beside_the_total"]
    return Prices(
        source=data["source"],
        read=data["read"],
        target=float(data["target_usd_per_million_files"]),
        usd_per_million={name: item["usd_per_million"] for name, item in items.items()},
        beside_the_total={name: item["usd_per_million"] for name, item in beside.items()},
        labels={name: item["label"] for name, item in {**items, **beside}.items()},
        units={name: item["unit"] for name, item in {**items, **beside}.items()},
    )


def per_million_files(quantities: Mapping[str, float], files: int, prices: Prices) -> dict[str, float]:
    """USD per million files by item, for what `files` files used. Raises KeyError for an item without a price."""
    if files <= 0:
        raise ValueError(f"{files} files have no price each")
    # A million files use `quantity / files` million units.
    return {name: quantity / files * prices.usd_per_million[name] for name, quantity in quantities.items()}


def express_steps(duration_ms: float) -> int:
    """Billed steps of one Express execution in the smallest memory chunk (64 MB): every begun 100 ms, at least one."""
    return max(1, math.ceil(duration_ms / EXPRESS_STEP_MS))


def gb_seconds(duration_ms: float, memory_mb: int) -> float:
    """Billed GB-seconds of one invocation: every begun millisecond."""
    return math.ceil(duration_ms) / 1000 * memory_mb / MB_PER_GB
