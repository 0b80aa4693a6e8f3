"""The action ValidatePlan: can the frozen plan be run in the account as it is now?

A run goes on with what can be launched: finding out is what a drill is for, and a disaster leaves no choice. It is
refused when its records do not fit together, and when not one of its servers could be launched. What the readiness
check found is part of the timeline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from disaster_recovery.commands.starting import plan_hash
from disaster_recovery.drs.answers import Job, SourceServer
from disaster_recovery.drs.api import Drs
from disaster_recovery.drs.conflicts import busy_servers
from disaster_recovery.drs.durations import seconds_of
from disaster_recovery.errors import AccountNotInitialized, PlanInvalid, QuotaUnreadable, TowpathError
from disaster_recovery.launch.locks import ServerLocks
from disaster_recovery.machine.preparing import frozen
from disaster_recovery.machine.tools import Tools
from disaster_recovery.plans.plan import CRITICAL, RecoveryPlan
from disaster_recovery.plans.plan_facts import capacity_of
from disaster_recovery.records.execution import Execution, Server
from disaster_recovery.records.transitions import Step, going_on, step
from disaster_recovery.reports.forecast import Capacity
from disaster_recovery.reports.readiness import OK, Inspection, PlannedServer, ServerFacts, assess
from shared.schemas import Problem

CHECKED = "READINESS_CHECKED"
FINDINGS = 20


def validate_plan(tools: Tools, execution_id: str) -> dict[str, Any]:
    """{}. Raises PlanInvalid, ExecutionCancelled; what cannot be read now is no reason to refuse."""
    execution = going_on(tools.store, execution_id)
    plan = _whole(tools, execution)
    servers = tools.store.servers(execution_id)
    try:
        report = _report(tools, execution, plan, servers)
    except AccountNotInitialized as error:
        raise PlanInvalid([Problem("$.account", str(error))]) from error
    except TowpathError:
        tools.count("DescribeErrors", 1)
        return {}
    step(tools.store, tools.clock, execution_id, lambda now: _told(tools, now, report))
    if not report["counts"]["launchable"]:
        raise PlanInvalid([Problem("$.waves", "not one server of the plan can be launched")])
    return {}


def _whole(tools: Tools, execution: Execution) -> RecoveryPlan:
    """The plan, if it and its servers are those that the execution was started with."""
    plan = frozen(tools.store, execution.execution_id)
    record = tools.store.plan(execution.execution_id)
    if record is None or plan_hash(record.document, list(record.waves)) != execution.plan_hash:
        raise PlanInvalid("the plan is not the one that the execution was started with")
    wanted = sum(len(wave["sourceServerIds"]) for wave in record.waves)
    if len(tools.store.servers(execution.execution_id)) != wanted or len(plan.waves) != len(record.waves):
        raise PlanInvalid("servers of the plan are missing")
    return plan


def _report(tools: Tools, execution: Execution, plan: RecoveryPlan, servers: Sequence[Server]) -> dict[str, Any]:
    drs, ids = tools.drs(execution.account.account()), [server.source_server_id for server in servers]
    known = {each.source_server_id: each for each in drs.source_servers(ids)}
    live = drs.live_jobs(tools.clock())
    held = _held(tools, execution, drs, live, ids)
    inspection = Inspection(
        servers=[
            PlannedServer(each.wave_number, each.source_server_id, each.criticality == CRITICAL) for each in servers
        ],
        facts={each.source_server_id: _facts(each, known.get(each.source_server_id), held) for each in servers},
        capacity=_capacity(tools, execution, live),
        now=tools.clock(),
        rpo_seconds=plan.rpo_seconds,
        conflict_policy=plan.conflict_policy,
    )
    return assess(inspection)


def _held(tools: Tools, execution: Execution, drs: Drs, live: Sequence[Job], ids: Sequence[str]) -> dict[str, str]:
    """Who holds a server: a job of somebody else, or an execution that has locked it."""
    jobs = {server_id: f"job {job_id}" for server_id, job_id in busy_servers(live, ids).items()}
    locks = ServerLocks(tools.store, drs, tools.clock, execution).held_by_others(ids)
    return {**jobs, **locks}


def _facts(server: Server, known: SourceServer | None, held: Mapping[str, str]) -> ServerFacts:
    """Recovery points are looked at when the wave starts; launch settings are those of the start."""
    if known is None:
        return ServerFacts(server.source_server_id, server.hostname, known=False)
    settings = server.launch_settings or {}
    return ServerFacts(
        source_server_id=server.source_server_id,
        hostname=known.hostname,
        replication_state=known.replication_state,
        lag_seconds=seconds_of(known.lag),
        launch_template_id=str(settings.get("ec2LaunchTemplateID") or ""),
        launch_template_read="ec2LaunchTemplateID" in settings,
        locked_by=held.get(server.source_server_id, ""),
    )


def _capacity(tools: Tools, execution: Execution, live: Sequence[Job]) -> Capacity | None:
    try:
        return capacity_of(tools.quotas(execution.account.account()), live)
    except QuotaUnreadable:
        tools.count("QuotaUnreadable", 1)
        return None


def _told(tools: Tools, execution: Execution, report: Mapping[str, Any]) -> Step | None:
    """The report as an event, once a run."""
    told = [each for each in tools.store.events(execution.execution_id) if each.kind == CHECKED]
    if any((each.data or {}).get("runNumber") == execution.run_number for each in told):
        return None
    counts = report["counts"]
    message = f"{counts['launchable']} of {counts['servers']} servers can be launched"
    if counts["blockers"] or counts["warnings"]:
        message += f"; {counts['blockers']} blockers, {counts['warnings']} warnings"
    findings = [each for each in report["findings"] if each["level"] != OK][:FINDINGS]
    data = {"runNumber": execution.run_number, "ready": report["ready"], **counts, "findings": findings}
    return Step(CHECKED, message, data=data)
