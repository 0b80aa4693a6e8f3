"""The outcome of a wave whose jobs are over. Pure.

A job that is COMPLETED says nothing: each server has its own result. A wave has failed when a critical server did not
launch, or when fewer servers launched than the plan wants; servers that a conflict policy left out count for neither.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from disaster_recovery.plans.plan import CRITICAL, PlanWave
from disaster_recovery.records.execution import Counts, Decision, Server, Wave
from disaster_recovery.records.record import changed
from disaster_recovery.records.statuses import LaunchStatus, WaveStatus

#: The kind of token that waits for a wave.
WAVE = "WAVE"
NEXT, POST_ACTIONS, PAUSE, STOP = "NEXT", "POST_ACTIONS", "PAUSE", "STOP"


@dataclass(frozen=True)
class Judgement:
    """`status` COMPLETED, PARTIAL or FAILED; `next` is what the machine is told."""

    status: WaveStatus
    counts: Counts
    next: str
    message: str


def judge(planned: PlanWave, servers: Iterable[Server]) -> Judgement:
    """What became of the wave, and what the plan wants to happen then."""
    members = list(servers)
    counts = count(members)
    wanted = [server for server in members if server.launch_status != LaunchStatus.SKIPPED]
    missing = [server for server in wanted if server.launch_status != LaunchStatus.LAUNCHED]
    critical = [server.source_server_id for server in missing if server.criticality == CRITICAL]
    too_few = counts.launched * 100 < planned.minimum_launched_percent * len(wanted)
    said = f"{counts.launched} of {counts.servers} servers launched"
    if critical:
        return _failed(planned, counts, f"{said}; critical and not launched: {_some(critical)}")
    if too_few:
        return _failed(planned, counts, f"{said}; the plan wants {planned.minimum_launched_percent} percent")
    status = WaveStatus.COMPLETED if counts.launched == counts.servers else WaveStatus.PARTIAL
    return Judgement(status, counts, POST_ACTIONS if planned.post_actions else NEXT, said)


def settled(wave: Wave, judged: Judgement, at: str, *, by: str = "poller", error: str | None = None) -> Wave:
    """The wave's next revision with what became of it and what the machine is told; its end waits for post actions."""
    goes_on = judged.next == POST_ACTIONS
    return changed(
        wave,
        wave_status=WaveStatus.POST_ACTIONS if goes_on else judged.status,
        outcome=judged.status,
        counts=judged.counts,
        ended_at=None if goes_on else at,
        decision=Decision(next=judged.next, kind=WAVE, at=at, by=by),
        error_message=error or (judged.message if judged.status == WaveStatus.FAILED else None),
    )


def told(judged: Judgement) -> dict[str, object]:
    """What an event says of a judgement."""
    return {"outcome": str(judged.status), "next": judged.next, **judged.counts.to_item()}


def count(servers: Iterable[Server]) -> Counts:
    """All servers, those that launched, and those that did not and will not."""
    statuses = [server.launch_status for server in servers]
    gone = sum(status in (LaunchStatus.FAILED, LaunchStatus.TERMINATED) for status in statuses)
    return Counts(servers=len(statuses), launched=statuses.count(LaunchStatus.LAUNCHED), failed=gone)


def total(counts: Iterable[Counts]) -> Counts:
    """The sum over waves."""
    parts = list(counts)
    return Counts(
        servers=sum(part.servers for part in parts),
        launched=sum(part.launched for part in parts),
        failed=sum(part.failed for part in parts),
    )


def _failed(planned: PlanWave, counts: Counts, message: str) -> Judgement:
    """A failed wave runs no post actions: they are written for servers that are there."""
    policy = {"CONTINUE": NEXT, "PAUSE": PAUSE, "STOP": STOP}[planned.on_failure]
    return Judgement(WaveStatus.FAILED, counts, policy, message)


def _some(server_ids: list[str], shown: int = 5) -> str:
    more = f" and {len(server_ids) - shown} more" if len(server_ids) > shown else ""
    return ", ".join(server_ids[:shown]) + more
