"""How long things take: seconds of simulated time, drawn for each asset of each job."""

from __future__ import annotations

from random import Random

from local_cloud.quicksight.state import Record, State

# The live service takes seconds for small bundles and minutes for large ones.
SECONDS: dict[str, tuple[float, float]] = {
    "QUEUE": (1, 3),
    "EXPORT": (0.5, 2),
    "IMPORT": (2, 6),
    "ROLLBACK": (1, 4),
    "END": (0.5, 2),
}
# How long a job can be described, and how long its bundle can be fetched: API reference.
RECORD_SECONDS = 14 * 24 * 3600
URL_SECONDS = 300


def seconds(state: State, job: Record, what: str, key: str = "") -> float:
    """Duration of a step of a job, or of one of its assets; the same each time it is asked for."""
    return round(Random(f"{state.seed} {job['number']} {what} {key}").uniform(*SECONDS[what]), 3)


def stretched(needed: float, action: Record) -> float | None:
    """How long something takes under an injection; None for ever."""
    if action["type"] == "hang":
        return needed + action["seconds"] if action["seconds"] else None
    return needed * action["factor"] if action["type"] == "slow" else needed
