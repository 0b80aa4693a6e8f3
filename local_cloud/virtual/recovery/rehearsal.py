"""`towpath drs rehearse`: the plan run for real, machine and functions, against a simulated DRS, once for each seed.

The report has the form of the API's forecast, with times that were not estimated but came out of runs, and with what
only runs tell: outcomes, history events of the state machine, AWS calls.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from disaster_recovery.drs.api import Drs
from disaster_recovery.drs.quotas import read_quotas
from disaster_recovery.errors import WrongState
from disaster_recovery.plans.plan import RecoveryPlan, parse_plan
from disaster_recovery.plans.plan_facts import FactsReader
from disaster_recovery.records.execution import DRILL, Execution, Wave
from disaster_recovery.reports.duration_model import range_of
from disaster_recovery.reports.forecast import Question, forecast
from local_cloud.virtual.clients import plain
from local_cloud.virtual.people import Person
from local_cloud.virtual.recovery.system import Options, VirtualRecovery
from shared.clock import parse
from shared.records import Record

Document = Mapping[str, Any]
DAYS = 30
DEFAULT_SEEDS = 20


@dataclass
class Trial:
    """One run: seconds of each wave and since the start by wave number, as far as the wave launched anything."""

    status: str
    events: int
    calls: Mapping[str, int]
    seconds: Mapping[int, float] = field(default_factory=dict)
    since_start: Mapping[int, float] = field(default_factory=dict)
    outcomes: Mapping[int, str] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    jobs: Mapping[int, int] = field(default_factory=dict)
    peaks: Mapping[str, int] = field(default_factory=dict)


def rehearse(
    plan: Document,
    inventory: Document,
    seeds: int = DEFAULT_SEEDS,
    *,
    execution_type: str = DRILL,
    groups: Mapping[str, Document] | None = None,
    first_seed: int = 0,
) -> dict[str, Any]:
    """The report of `seeds` runs; `groups` are documents of protection groups by id, for plans that name some.

    Pauses are ended as soon as they begin: the report names them, its times do not hold them. Raises PlanInvalid with
    the path of each problem, BadInventory, and ValueError for less than one seed.
    """
    if seeds < 1:
        raise ValueError("a rehearsal takes at least one seed")
    start = parse(inventory["exportedAt"]) if "exportedAt" in inventory else None
    question = _question(plan, inventory, groups, start, first_seed)
    trials = [
        _run(plan, inventory, groups, start, seed, execution_type) for seed in range(first_seed, first_seed + seeds)
    ]
    return _report(parse_plan(plan), question, trials, first_seed)


def _cloud(
    inventory: Document, groups: Mapping[str, Document] | None, start: datetime | None, seed: int
) -> VirtualRecovery:
    return VirtualRecovery(inventory, seed=seed, groups=groups, options=Options(start=start) if start else None)


def _question(
    plan: Document, inventory: Document, groups: Mapping[str, Document] | None, start: datetime | None, seed: int
) -> Question:
    """What is known of the plan's servers before the run: points in time, quotas, disks. Raises PlanInvalid."""
    with _cloud(inventory, groups, start, seed) as cloud:
        cloud.catalog.put_plan("rp-rehearsed", plan)
        cloud.catalog.resolve("rp-rehearsed")
        drs, service_quotas = plain("drs", cloud.account), plain("service-quotas", cloud.quotas)
        facts = FactsReader(
            Drs(drs, drs), lambda: read_quotas(service_quotas), cloud.peek, cloud.catalog.home, cloud.kernel.utc()
        )
        return facts.question(parse_plan(plan), cloud.catalog.check(plan), seed)


def _run(  # noqa: PLR0913, PLR0917  (all that a run depends on)
    plan: Document,
    inventory: Document,
    groups: Mapping[str, Document] | None,
    start: datetime | None,
    seed: int,
    execution_type: str,
) -> Trial:
    with _cloud(inventory, groups, start, seed) as cloud:
        peaks = _Peaks(cloud)
        cloud.store.watchers.append(lambda records: _approve(cloud, records))
        execution = cloud.start(plan, execution_type)
        cloud.run(hours=24 * DAYS)
        return _trial(cloud, execution.execution_id, peaks)


def _approve(cloud: VirtualRecovery, records: Sequence[Record]) -> None:
    """Whoever is asked says yes at once."""
    for record in records:
        if isinstance(record, Execution) and record.pause and record.pause.decision is None:
            cloud.later(1, "approve", partial(_resume, cloud, record.execution_id))


def _resume(cloud: VirtualRecovery, execution_id: str) -> None:
    try:
        cloud.commands.resume(Person(), execution_id, comment="rehearsed")
    except WrongState:
        return  # the same pause was seen twice


class _Peaks:
    """The most that was used of each quota, and how many jobs each wave took."""

    def __init__(self, cloud: VirtualRecovery) -> None:
        self._state = cloud.account.simulator.state
        self.found: Counter[str] = Counter()
        self.jobs: Counter[int] = Counter()
        cloud.account.watchers.append(self._called)

    def _called(self, operation: str, parameters: Mapping[str, Any]) -> None:
        if operation == "StartRecovery":
            live = self._state.open_jobs()
            self.jobs[int(parameters["tags"]["towpath:wave"])] += 1
            servers = sum(len(job["participatingServers"]) for job in live)
            self.found["jobs"] = max(self.found["jobs"], len(live))
            self.found["servers"] = max(self.found["servers"], servers)


def _trial(cloud: VirtualRecovery, execution_id: str, peaks: _Peaks) -> Trial:
    execution, waves = cloud.peek.execution(execution_id), cloud.peek.waves(execution_id)
    if execution is None:
        raise RuntimeError(f"{execution_id} is not there any more")
    started = parse(execution.started_at)
    launched = [wave for wave in waves if wave.last_launch_at and wave.started_at]
    servers = cloud.peek.servers(execution_id)
    return Trial(
        status=str(execution.status),
        events=sum(len(run.events) for run in cloud.machine.runs.values()),
        calls=cloud.traffic.total(),
        seconds={wave.wave_number: _seconds(wave) for wave in launched},
        since_start={
            wave.wave_number: (parse(wave.last_launch_at or "") - started).total_seconds() for wave in launched
        },
        outcomes={wave.wave_number: str(wave.wave_status) for wave in waves},
        failures={each.source_server_id: each.error_message for each in servers if each.error_message},
        jobs=dict(peaks.jobs),
        peaks=dict(peaks.found),
    )


def _seconds(wave: Wave) -> float:
    return (parse(wave.last_launch_at or "") - parse(wave.started_at or "")).total_seconds()


def _report(plan: RecoveryPlan, question: Question, trials: Sequence[Trial], first_seed: int) -> dict[str, Any]:
    last = max(wave.number for wave in plan.waves)
    total = [trial.since_start[last] for trial in trials if last in trial.since_start and trial.status == "COMPLETED"]
    estimate = forecast(question)
    return {
        **estimate,
        "seed": first_seed,
        "trials": len(trials),
        "outcomes": dict(Counter(trial.status for trial in trials)),
        "waves": [_wave(known, trials) for known in estimate["waves"]],
        "rto": _rto(total, plan.rto_seconds, len(trials)),
        "quotas": _quotas(estimate["quotas"], trials),
        "failures": _failures(trials),
        "historyEvents": range_of([trial.events for trial in trials]).document(),
        "awsCalls": _calls(trials),
    }


def _wave(known: Document, trials: Sequence[Trial]) -> dict[str, Any]:
    """The forecast's line of a wave with what came out of the runs; without times when none of them launched it."""
    number = known["waveNumber"]
    line = {name: known[name] for name in ("waveNumber", "name", "servers", "pauseBefore", "timeoutSeconds")}
    line["jobs"] = max(trial.jobs.get(number, 0) for trial in trials)
    line["outcomes"] = dict(Counter(trial.outcomes[number] for trial in trials if number in trial.outcomes))
    seconds = [trial.seconds[number] for trial in trials if number in trial.seconds]
    if seconds:
        took = range_of(seconds)
        line["seconds"] = took.document()
        line["sinceStart"] = range_of([t.since_start[number] for t in trials if number in t.since_start]).document()
        line["mayExceedTimeout"] = took.worst > known["timeoutSeconds"]
    return line


def _rto(total: Sequence[float], target: int | None, trials: int) -> dict[str, Any]:
    """`verdict`: MET in every run, LIKELY in half of them, else MISSED; UNKNOWN without a target."""
    met = sum(seconds <= target for seconds in total) if target is not None else 0
    verdict = "MET" if met == trials else "LIKELY" if 2 * met >= trials else "MISSED"
    return {
        "seconds": range_of(total).document() if total else None,
        "targetSeconds": target,
        "verdict": "UNKNOWN" if target is None else verdict,
    }


def _quotas(known: Document, trials: Sequence[Trial]) -> dict[str, Any]:
    def used(name: str, peak: str) -> dict[str, int]:
        limit, most = known[name]["limit"], max(trial.peaks.get(peak, 0) for trial in trials)
        return {"limit": limit, "inUse": known[name]["inUse"], "peak": most, "headroom": limit - most}

    return {
        "concurrentJobs": used("concurrentJobs", "jobs"),
        "serversInJobs": used("serversInJobs", "servers"),
        "serversPerJob": known["serversPerJob"],
    }


def _failures(trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """Servers that did not launch in some run, the most frequent first."""
    counted: Counter[tuple[str, str]] = Counter(pair for trial in trials for pair in trial.failures.items())
    return [
        {"sourceServerId": server, "message": message, "trials": count}
        for (server, message), count in counted.most_common()
    ]


def _calls(trials: Sequence[Trial]) -> dict[str, dict[str, int]]:
    services = sorted({service for trial in trials for service in trial.calls})
    return {each: range_of([trial.calls.get(each, 0) for trial in trials]).document() for each in services}
