"""What a million files cost in each design, and whether ours keeps its limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.designs import ONE
from benchmarks.pricing import EXPRESS_STEP_MS, MB_PER_GB, Prices, per_million_files
from benchmarks.runs import Run
from benchmarks.usage import Usage

INVOCATION_LIMIT = 3
WRITE_UNIT_LIMIT = 8
# Locally a call takes a few ms; how much dearer the designs become when each takes this much longer.
SLOWER_CALL_MS = 50


@dataclass(frozen=True)
class Limit:
    """One limit and what was measured against it."""

    what: str
    measured: float
    limit: float

    @property
    def kept(self) -> bool:
        """Whether the measured value is at most the limit, but for rounding."""
        return self.measured <= self.limit + 1e-9


def by_item(run: Run, prices: Prices) -> dict[str, float]:
    """USD per million files by price item, without what is beside the total."""
    priced = {item: quantity for item, quantity in run.usage.quantities.items() if item in prices.usd_per_million}
    unknown = set(run.usage.quantities) - set(priced) - set(prices.beside_the_total) - {"s3_free"}
    if unknown:
        raise KeyError(f"prices.json knows nothing of {sorted(unknown)}")
    return per_million_files(priced, run.usage.files, prices)


def total(run: Run, prices: Prices) -> float:
    """USD per million files."""
    return sum(by_item(run, prices).values())


def total_with_slower_calls(run: Run, prices: Prices) -> float:
    """The total if every AWS call of a function took SLOWER_CALL_MS longer, one after the other.

    Express bills the same waiting, but for functions that the machine does not call (`record-status`, by the stream).
    """
    usage = run.usage
    waiting = {name: usage.calls_inside[name] * SLOWER_CALL_MS / usage.files for name in usage.memory_mb}
    gb_seconds = sum(ms / 1000 * usage.memory_mb[name] / MB_PER_GB for name, ms in waiting.items())
    steps = sum(ms for name, ms in waiting.items() if "record-status" not in name) / EXPRESS_STEP_MS
    price = prices.usd_per_million
    return total(run, prices) + gb_seconds * price["lambda_gb_second"] + steps * price["express_step"]


def limits(runs: Mapping[str, Run], prices: Prices) -> Sequence[Limit]:
    """Limits of our design, over all of its runs by name."""
    found = []
    for name, run in runs.items():
        if run.targets == ONE:
            invocations = run.usage.per_file("lambda_invocation")
            found.append(Limit(f"Lambda invocations a file, {name}", invocations, INVOCATION_LIMIT))
        units = run.usage.per_file("dynamodb_write")
        found.append(Limit(f"DynamoDB write units a file, {name}", units, WRITE_UNIT_LIMIT))
        found.append(Limit(f"USD per million files, {name}", total(run, prices), prices.target))
    return found


def write_units(usage: Usage) -> dict[str, float]:
    """Write units a file by operation and table."""
    return {where: units / usage.files for where, units in sorted(usage.writes.items())}
