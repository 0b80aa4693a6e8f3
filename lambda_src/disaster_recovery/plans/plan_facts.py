"""What DRS, the quotas and the locks say of a plan's servers now, for readiness and forecast. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from disaster_recovery.drs.answers import Job, LogEntry, SourceServer
from disaster_recovery.drs.api import Drs
from disaster_recovery.drs.durations import seconds_of
from disaster_recovery.drs.inventory import described, launch_seconds
from disaster_recovery.drs.quotas import Quotas
from disaster_recovery.errors import NotFound, QuotaUnreadable, TowpathError, ValidationFailed
from disaster_recovery.plans.plan import PlanWave, RecoveryPlan
from disaster_recovery.plans.plan_resolution import Place, Resolution
from disaster_recovery.plans.recovery_points import NoRecoveryPoint, Point, choose
from disaster_recovery.records.history import OWN, server_lock
from disaster_recovery.records.store import Store
from disaster_recovery.reports.forecast import Capacity, ForecastServer, ForecastWave, Question
from disaster_recovery.reports.readiness import Inspection, PlannedServer, ServerFacts
from shared.side_by_side import side_by_side

Pair = tuple[PlanWave, SourceServer]


@dataclass(frozen=True)
class FactsReader:
    """`drs`, `quotas` and `place` are those of the plan's account."""

    drs: Drs
    quotas: Callable[[], Quotas]
    store: Store
    place: Place
    now: datetime

    def inspection(self, plan: RecoveryPlan, resolution: Resolution) -> Inspection:
        """For the readiness report. A quota that cannot be read is a finding of it, not an error."""
        pairs, live = _pairs(plan, resolution), self.drs.live_jobs(self.now)
        try:
            capacity: Capacity | None = capacity_of(self.quotas(), live)
        except QuotaUnreadable:
            capacity = None
        facts = self._facts(plan, pairs, live)
        return Inspection(
            servers=[_planned(wave, server) for wave, server in pairs],
            facts={each.source_server_id: each for each in facts},
            capacity=capacity,
            now=self.now,
            rpo_seconds=plan.rpo_seconds,
            conflict_policy=plan.conflict_policy,
        )

    def question(self, plan: RecoveryPlan, resolution: Resolution, seed: int) -> Question:
        """For the forecast. Raises QuotaUnreadable."""
        pairs, live = _pairs(plan, resolution), self.drs.live_jobs(self.now)
        facts = {each.source_server_id: each for each in self._facts(plan, pairs, live)}
        usual = self._usual_seconds([server for _, server in pairs])
        waves = [_forecast_wave(wave, pairs, facts, usual, self.now) for wave in plan.waves]
        return Question(
            waves=waves,
            capacity=capacity_of(self.quotas(), live),
            seed=seed,
            rto_seconds=plan.rto_seconds,
            rpo_seconds=plan.rpo_seconds,
            drill_ttl_seconds=plan.drill_ttl_seconds,
            conflicts=[_conflict(each) for each in facts.values() if each.locked_by or each.live_job_id],
        )

    def _facts(self, plan: RecoveryPlan, pairs: Sequence[Pair], live: Sequence[Job]) -> list[ServerFacts]:
        busy = {server_id: job.job_id for job in live for server_id in job.server_ids}
        keys = {server.source_server_id: self._lock(plan, server.source_server_id) for _, server in pairs}
        locks = self.store.locks(list(keys.values())) if keys else {}
        owners = {key: lock.holder or lock.owner or "" for key, lock in locks.items() if lock.owner}

        def facts_of(pair: Pair) -> ServerFacts:
            wave, server = pair
            template, was_read = self._template(server.source_server_id)
            point, problem = self._point(wave, server.source_server_id)
            return ServerFacts(
                source_server_id=server.source_server_id,
                hostname=server.hostname,
                replication_state=server.replication_state,
                replication_error=_replication_error(server),
                lag_seconds=seconds_of(server.lag),
                point=point,
                point_problem=problem,
                launch_template_id=template,
                launch_template_read=was_read,
                locked_by=owners.get(keys[server.source_server_id], ""),
                live_job_id=busy.get(server.source_server_id, ""),
            )

        return side_by_side(facts_of, pairs)

    def _lock(self, plan: RecoveryPlan, server_id: str) -> str:
        """As disaster_recovery.launch.locks names it: without a role to assume it can only be our own account."""
        account_id = self.place.account_id if plan.account.role_arn else OWN
        return server_lock(account_id, self.place.region, server_id)

    def _template(self, server_id: str) -> tuple[str, bool]:
        try:
            return str(self.drs.launch_configuration(server_id).get("ec2LaunchTemplateID") or ""), True
        except TowpathError:
            return "", False

    def _point(self, wave: PlanWave, server_id: str) -> tuple[Point | None, str]:
        named = next((each.recovery_snapshot_id for each in wave.servers if each.source_server_id == server_id), None)
        try:
            return choose(wave.recovery_point, named, lambda: self.drs.snapshots(server_id)), ""
        except NoRecoveryPoint as problem:
            return None, str(problem)

    def _usual_seconds(self, servers: Sequence[SourceServer]) -> dict[str, int]:
        """How long each server's last launch took, as far as its job is still known."""
        jobs = sorted({server.last_job_id for server in servers if server.last_job_id})
        logs = dict(zip(jobs, side_by_side(self._log, jobs), strict=True))
        found = {}
        for server in servers:
            phases = launch_seconds(server.source_server_id, logs.get(server.last_job_id or "", []))
            if len(phases) == PHASES_OF_A_LAUNCH:
                found[server.source_server_id] = round(sum(phases.values()))
        return found

    def _log(self, job_id: str) -> list[LogEntry]:
        try:
            return self.drs.job_log(job_id)
        except (NotFound, ValidationFailed):
            return []


#: Snapshot, conversion, launch: fewer say nothing about the whole.
PHASES_OF_A_LAUNCH = 3


def capacity_of(quotas: Quotas, live: Sequence[Job]) -> Capacity:
    """The quotas and what jobs of every kind use of them."""
    return Capacity(
        jobs=quotas.jobs,
        servers_per_job=quotas.servers_in_a_job,
        servers_in_jobs=quotas.servers_in_all_jobs,
        jobs_in_use=len(live),
        servers_in_use=sum(len(job.participants) for job in live),
    )


def _pairs(plan: RecoveryPlan, resolution: Resolution) -> list[Pair]:
    members = resolution.members
    return [(wave, member.server) for wave in plan.waves for member in members.get(wave.position, [])]


def _planned(wave: PlanWave, server: SourceServer) -> PlannedServer:
    optional = {each.source_server_id for each in wave.servers if each.criticality == "OPTIONAL"}
    return PlannedServer(wave.number, server.source_server_id, server.source_server_id not in optional)


def _replication_error(server: SourceServer) -> str:
    error = server.raw.get("dataReplicationInfo", {}).get("dataReplicationError", {})
    return str(error.get("error") or error.get("rawError") or "")


def _conflict(facts: ServerFacts) -> dict[str, Any]:
    held_by = facts.locked_by or f"job {facts.live_job_id}"
    return {"sourceServerId": facts.source_server_id, "hostname": facts.hostname, "heldBy": held_by}


def _forecast_wave(
    wave: PlanWave,
    pairs: Sequence[Pair],
    facts: Mapping[str, ServerFacts],
    usual: Mapping[str, int],
    now: datetime,
) -> ForecastWave:
    servers = [server for planned, server in pairs if planned.number == wave.number]
    pause = {"deadlineSeconds": wave.pause.deadline_seconds, "onTimeout": wave.pause.on_timeout}
    return ForecastWave(
        number=wave.number,
        name=wave.name,
        servers=[_forecast_server(server, facts[server.source_server_id], usual, now) for server in servers],
        timeout_seconds=wave.timeout_seconds,
        pause=pause if wave.pause_before else None,
        action_timeouts=[action.timeout_seconds for action in (*wave.pre_actions, *wave.post_actions)],
    )


def _forecast_server(
    server: SourceServer, facts: ServerFacts, usual: Mapping[str, int], now: datetime
) -> ForecastServer:
    item = described(server)
    return ForecastServer(
        source_server_id=server.source_server_id,
        hostname=server.hostname,
        exposure_seconds=facts.exposure_seconds(now),
        usual_seconds=usual.get(server.source_server_id),
        disk_gib=round(item.get("diskGiB", 0)),
        instance_type=item.get("instanceType", ""),
    )
