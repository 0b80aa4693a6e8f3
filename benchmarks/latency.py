"""How long files take, in relation to the bare S3 requests measured between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.runs import Run


@dataclass(frozen=True)
class Latency:
    """Milliseconds from the close of a file to status SUCCESS: median and 99th percentile of `files` files."""

    files: int
    p50_ms: float
    p99_ms: float

    def over(self, reference: Latency) -> float:
        """Median as a multiple of the reference's."""
        return self.p50_ms / reference.p50_ms


def of(samples_ms: Sequence[float]) -> Latency:
    """Percentiles of some samples."""
    return Latency(len(samples_ms), percentile(samples_ms, 50), percentile(samples_ms, 99))


def percentile(samples: Sequence[float], percent: float) -> float:
    """The smallest sample that at least `percent` % of the samples do not exceed (nearest rank)."""
    if not samples:
        raise ValueError("no samples")
    rank = max(1, math.ceil(percent / 100 * len(samples)))
    return sorted(samples)[rank - 1]


def files_per_minute(run: Run) -> float:
    """Throughput of a burst, from the first byte sent to the last status SUCCESS."""
    return run.usage.files / run.seconds * 60
