"""Which point in time a server is launched from. Pure; asked anew when its wave starts, for points expire.

LATEST names no point: DRS then takes a snapshot of the data as it is (API Reference, StartRecoveryRequestSourceServer).
BEFORE is the newest point at or before a moment, EXACT the one that the plan names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from disaster_recovery.drs.answers import Snapshot
from disaster_recovery.plans.plan import RecoveryPoint
from shared.clock import parse

LATEST, BEFORE, EXACT = "LATEST", "BEFORE", "EXACT"

Snapshots = Iterable[Snapshot]


@dataclass(frozen=True)
class Point:
    """`snapshot_id` and `taken_at` are None for LATEST: the snapshot does not exist yet."""

    snapshot_id: str | None = None
    taken_at: datetime | None = None

    def age_seconds(self, now: datetime) -> int | None:
        """How much data is lost at least, in seconds; None when only the replication lag says it."""
        return None if self.taken_at is None else max(0, int((now - self.taken_at).total_seconds()))


class NoRecoveryPoint(Exception):
    """The server has no point that fits. Never leaves a handler: it makes the server FAILED, not the execution."""


@dataclass
class Chosen:
    """Points by server id, and for the servers without one the reason."""

    points: dict[str, Point] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


def choose_for_servers(
    rule: RecoveryPoint, named: Mapping[str, str | None], snapshots_of: Callable[[str], Snapshots]
) -> Chosen:
    """The point of each server under a wave's rule; `named` maps server ids to the point that the plan names, if any.

    `snapshots_of` (server id → its snapshots, in any order) is called only for servers that need it; what it raises is
    raised.
    """
    chosen = Chosen()
    for server_id, snapshot_id in named.items():
        try:
            chosen.points[server_id] = choose(rule, snapshot_id, partial(snapshots_of, server_id))
        except NoRecoveryPoint as problem:
            chosen.problems[server_id] = str(problem)
    return chosen


def choose(rule: RecoveryPoint, named: str | None, snapshots: Callable[[], Snapshots]) -> Point:
    """The point of one server. A point that the plan names for the server wins over the wave's rule.

    Raises NoRecoveryPoint saying what was looked for.
    """
    mode = EXACT if named else rule.mode
    if mode == LATEST:
        return Point()
    if mode == EXACT:
        return _exact(named, snapshots)
    return _before(parse(rule.at or ""), snapshots())


def _exact(named: str | None, snapshots: Callable[[], Snapshots]) -> Point:
    if not named:
        raise NoRecoveryPoint("the wave asks for exact recovery points, but names none for this server")
    for point in _taken(snapshots()):
        if point.snapshot_id == named:
            return point
    raise NoRecoveryPoint(f"recovery point {named} does not exist any more, or is not one of this server")


def _before(moment: datetime, snapshots: Snapshots) -> Point:
    fitting = [point for point in _taken(snapshots) if point.taken_at and point.taken_at <= moment]
    if not fitting:
        raise NoRecoveryPoint(f"no recovery point was taken at or before {moment.isoformat()}")
    return max(fitting, key=lambda point: (point.taken_at, point.snapshot_id))


def _taken(snapshots: Snapshots) -> Iterable[Point]:
    """A snapshot that is only expected has not been taken and cannot be launched from."""
    for snapshot in snapshots:
        if snapshot.taken_at:
            yield Point(snapshot.snapshot_id, snapshot.taken_at)
