"""What a run of a plan would take, before anyone pays for it: RTO, quotas, pauses, RPO, cost. Pure and seeded.

The same inputs give the same forecast. Waves run one after the other; the servers of a wave are cut into jobs as the
run itself does it, and wait for room under the account's quotas.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from disaster_recovery.reports.drill_cost import CostInput, estimate
from disaster_recovery.reports.duration_model import DurationModel, Range, range_of

TRIALS = 101


@dataclass(frozen=True)
class ForecastServer:
    """`exposure_seconds`: data that would be lost, by lag or by the age of the chosen point; None when unknown."""

    source_server_id: str
    hostname: str = ""
    exposure_seconds: int | None = None
    usual_seconds: int | None = None
    disk_gib: int = 0
    instance_type: str = ""


@dataclass(frozen=True)
class ForecastWave:
    """A wave as the plan has it. `pause`: {"deadlineSeconds", "onTimeout"} when it waits for a person first."""

    number: int
    name: str
    servers: Sequence[ForecastServer]
    timeout_seconds: int = 14400
    pause: Mapping[str, Any] | None = None
    action_timeouts: Sequence[int] = ()


@dataclass(frozen=True)
class Capacity:
    """The account's DRS quotas and what other jobs use of them now."""

    jobs: int = 20
    servers_per_job: int = 100
    servers_in_jobs: int = 500
    jobs_in_use: int = 0
    servers_in_use: int = 0

    @property
    def jobs_free(self) -> int:
        return max(0, self.jobs - self.jobs_in_use)

    @property
    def servers_free(self) -> int:
        return max(0, self.servers_in_jobs - self.servers_in_use)

    @property
    def chunk(self) -> int:
        """Servers of one job: what a job may hold, and what there is room for."""
        return min(self.servers_per_job, self.servers_free)


@dataclass(frozen=True)
class Question:
    """All that a forecast is made from. Objectives and `drill_ttl_seconds` are None when the plan has none."""

    waves: Sequence[ForecastWave]
    capacity: Capacity
    seed: int = 0
    rto_seconds: int | None = None
    rpo_seconds: int | None = None
    drill_ttl_seconds: int | None = None
    conflicts: Sequence[Mapping[str, Any]] = ()
    model: DurationModel = field(default_factory=DurationModel)
    trials: int = TRIALS


@dataclass(frozen=True)
class WaveTrial:
    """One trial of one wave: seconds until the last launch, and the most that was used of each quota."""

    seconds: float
    peak_jobs: int
    peak_servers: int


def forecast(question: Question) -> dict[str, Any]:
    """The forecast as the API and the CLI show it; `blocked` says why there is no prediction."""
    blocked = _blocked(question.capacity)
    dice = random.Random(question.seed)
    trials = [] if blocked else [_trial(question, dice) for _ in range(question.trials)]
    total = range_of([sum(each.seconds for each in trial) for trial in trials]) if trials else None
    return {
        "seed": question.seed,
        "trials": len(trials),
        **({"blocked": blocked} if blocked else {}),
        "waves": [_wave(question, index, trials) for index in range(len(question.waves))],
        "rto": _rto(total, question.rto_seconds),
        "pauses": [_pause(wave) for wave in question.waves if wave.pause is not None],
        "quotas": _headroom(question.capacity, trials),
        "rpo": [_exposure(wave, server, question.rpo_seconds) for wave in question.waves for server in wave.servers],
        "conflicts": [dict(each) for each in question.conflicts],
        "cost": estimate(_cost_input(question, total)),
    }


def _blocked(capacity: Capacity) -> str:
    if capacity.jobs_free == 0:
        return f"all {capacity.jobs} jobs that the account may run at once are taken"
    return "" if capacity.chunk else f"all {capacity.servers_in_jobs} servers that jobs may hold are taken"


def _trial(question: Question, dice: random.Random) -> list[WaveTrial]:
    return [_run_wave(wave, question.capacity, question.model, dice) for wave in question.waves]


def _run_wave(wave: ForecastWave, capacity: Capacity, model: DurationModel, dice: random.Random) -> WaveTrial:
    """Jobs in order, each as soon as quotas leave room: what ends first makes room for the next."""
    now = model.between_waves(dice) + sum(model.action(dice, limit) for limit in wave.action_timeouts)
    running: list[tuple[float, int]] = []
    busy = peak_jobs = peak_servers = 0
    last_launch = now
    for start in range(0, len(wave.servers), capacity.chunk):
        chunk = wave.servers[start : start + capacity.chunk]
        while len(running) >= capacity.jobs_free or busy + len(chunk) > capacity.servers_free:
            now, size = heapq.heappop(running)
            busy -= size
        launched = now + max(model.server(dice, server.usual_seconds) for server in chunk)
        last_launch = max(last_launch, launched)
        heapq.heappush(running, (launched + model.job_end.draw(dice), len(chunk)))
        busy += len(chunk)
        peak_jobs, peak_servers = max(peak_jobs, len(running)), max(peak_servers, busy)
    return WaveTrial(last_launch, peak_jobs, peak_servers)


def _wave(question: Question, index: int, trials: Sequence[Sequence[WaveTrial]]) -> dict[str, Any]:
    wave = question.waves[index]
    chunk = question.capacity.chunk
    document: dict[str, Any] = {
        "waveNumber": wave.number,
        "name": wave.name,
        "servers": len(wave.servers),
        "jobs": -(-len(wave.servers) // chunk) if chunk else None,
        "pauseBefore": wave.pause is not None,
        "timeoutSeconds": wave.timeout_seconds,
    }
    if trials:
        seconds = range_of([trial[index].seconds for trial in trials])
        until_here = range_of([sum(each.seconds for each in trial[: index + 1]) for trial in trials])
        document["seconds"] = seconds.document()
        document["sinceStart"] = until_here.document()
        document["mayExceedTimeout"] = seconds.worst > wave.timeout_seconds
    return document


def _rto(total: Range | None, target: int | None) -> dict[str, Any]:
    """`verdict`: MET even in the worst trial, LIKELY by the median, MISSED; UNKNOWN without target or prediction."""
    verdict = "UNKNOWN"
    if total and target is not None:
        verdict = "MET" if total.worst <= target else "LIKELY" if total.median <= target else "MISSED"
    return {"seconds": total.document() if total else None, "targetSeconds": target, "verdict": verdict}


def _pause(wave: ForecastWave) -> dict[str, Any]:
    return {"waveNumber": wave.number, "name": wave.name, **(wave.pause or {})}


def _headroom(capacity: Capacity, trials: Sequence[Sequence[WaveTrial]]) -> dict[str, Any]:
    """Per quota: the limit, what others use, the most that this plan uses, and what is left then."""
    waves = [wave for trial in trials for wave in trial]
    peak_jobs = max((wave.peak_jobs for wave in waves), default=0)
    peak_servers = max((wave.peak_servers for wave in waves), default=0)
    return {
        "concurrentJobs": _quota(capacity.jobs, capacity.jobs_in_use, peak_jobs),
        "serversInJobs": _quota(capacity.servers_in_jobs, capacity.servers_in_use, peak_servers),
        "serversPerJob": {"limit": capacity.servers_per_job},
    }


def _quota(limit: int, in_use: int, peak: int) -> dict[str, int]:
    return {"limit": limit, "inUse": in_use, "peak": peak, "headroom": limit - in_use - peak}


def _exposure(wave: ForecastWave, server: ForecastServer, target: int | None) -> dict[str, Any]:
    seconds = server.exposure_seconds
    met = None if target is None or seconds is None else seconds <= target
    return {
        "sourceServerId": server.source_server_id,
        "hostname": server.hostname,
        "waveNumber": wave.number,
        "seconds": seconds,
        "targetSeconds": target,
        "met": met,
    }


def _cost_input(question: Question, total: Range | None) -> CostInput:
    servers = [server for wave in question.waves for server in wave.servers]
    return CostInput(
        instance_types=[server.instance_type for server in servers],
        disk_gib=sum(server.disk_gib for server in servers),
        run_seconds=total.median if total else 0,
        kept_seconds=question.drill_ttl_seconds,
    )
