"""How long things take: seconds of simulated time, drawn for each server of each job.

Launching one server takes 10 to 12 minutes on the live service, most of it for converting its disks.
"""

from __future__ import annotations

from random import Random

from local_cloud.drs.state import Record, State

SECONDS: dict[str, tuple[float, float]] = {
    "PENDING": (1, 4),
    "CLEANUP": (20, 60),
    "SNAPSHOT": (60, 120),
    "CONVERSION": (300, 420),
    "LAUNCH": (120, 180),
    "TERMINATE": (20, 60),
    "JOB_END": (1, 5),
}
# Members of an inventory's `launch` that fix a phase of one server.
GIVEN = {"SNAPSHOT": "snapshotSeconds", "CONVERSION": "conversionSeconds", "LAUNCH": "launchSeconds"}


def seconds(state: State, job: str, what: str, server: Record | None = None) -> float:
    """Duration of a phase of a server, or of a step of a job; the same each time it is asked for."""
    given = server["_"]["launch"].get(GIVEN.get(what, "")) if server else None
    if given is not None:
        return float(given)
    name = server["sourceServerID"] if server else ""
    return round(Random(f"{state.seed} {job} {name} {what}").uniform(*SECONDS[what]), 3)
