"""DRS is the truth, our records are the cache: what changes in them by what DRS shows. Pure.

A job that DRS does not show, or that is COMPLETED while servers of it are open, is waited for a few polls (lists lag
behind) and then decided by the recovery instances: one that bears our job's id is launched, all else has failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from disaster_recovery.drs.answers import Job
from disaster_recovery.records.execution import Intent, Server
from disaster_recovery.records.statuses import IntentState, LaunchStatus
from disaster_recovery.watch.server_truth import Truth, as_it_is, as_seen, completed, is_open
from shared.clock import parse, stamp

MISSES = 3
#: Of the grace, for a job that DRS shows as over while servers of it are open. A job that it does not show at all may
#: have been made a moment ago, and gets the whole grace, as an intent whose answer is on its way does.
OPEN_SHARE = 1 / 3


@dataclass(frozen=True)
class Look:
    """When DRS was asked, and how long what it does not show yet is waited for."""

    now: datetime
    grace_seconds: float


@dataclass
class Found:
    """Records at their next revision, only those that change. `quick`: it is worth looking again within seconds."""

    intents: list[Intent] = field(default_factory=list)
    servers: list[Server] = field(default_factory=list)
    quick: bool = False


def reconcile(intents: Iterable[Intent], servers: Mapping[str, Server], truth: Truth, look: Look) -> Found:
    """What becomes of STARTED intents and of their servers (by source server id), by what DRS shows."""
    found = Found()
    for intent in intents:
        job = truth.jobs.get(intent.job_id or "")
        members = [
            server
            for server in (servers.get(server_id) for server_id in intent.source_server_ids)
            if server is not None and server.attempt == intent.attempt
        ]
        after, seen = _of_intent(intent, job, members, truth, look)
        found.quick = found.quick or _is_worth_a_look(after, job)
        if after != intent:
            found.intents.append(replace(after, revision=intent.revision + 1))
        found.servers += [
            replace(new, revision=old.revision + 1) for old, new in zip(members, seen, strict=True) if new != old
        ]
    return found


def needs_instances(intent: Intent, job: Job | None, look: Look) -> bool:
    """True when only the recovery instances can tell, or when they complete what the job says."""
    return (job is not None and job.is_over) or _is_exhausted(_missed(intent, job, look.now), job, look)


def has_failures(job: Job) -> bool:
    """True for a job that is over and did not launch all of its servers: its log says why."""
    return job.is_over and any(each.launch_status != LaunchStatus.LAUNCHED for each in job.participants)


def _of_intent(
    intent: Intent, job: Job | None, members: list[Server], truth: Truth, look: Look
) -> tuple[Intent, list[Server]]:
    now = look.now
    seen = members if job is None else [as_seen(server, job, truth, now) for server in members]
    if job is None or (job.is_over and _open(intent, job)):
        missed = _missed(intent, job, now)
        if not _is_exhausted(missed, job, look):
            return missed, seen
        return _ended(missed, job, now), [as_it_is(each, intent.job_id or "", truth, now) for each in seen]
    intent = replace(intent, job_status=job.status, misses=0, missed_at=None)
    if not job.is_over:
        return intent, seen
    return _ended(intent, job, now), [completed(server, job, truth) for server in seen]


def _is_worth_a_look(intent: Intent, job: Job | None) -> bool:
    """All servers are settled but the job is not, or DRS does not show what we know to be there."""
    if intent.intent_state == IntentState.ENDED:
        return False
    return job is None or job.is_over or not _open(intent, job)


def _open(intent: Intent, job: Job) -> bool:
    return any(is_open(job, server_id) for server_id in intent.source_server_ids)


def _missed(intent: Intent, job: Job | None, now: datetime) -> Intent:
    return replace(
        intent,
        misses=intent.misses + 1,
        missed_at=intent.missed_at or stamp(now),
        job_status=job.status if job else intent.job_status,
    )


def _is_exhausted(intent: Intent, job: Job | None, look: Look) -> bool:
    """True when it was missed so often and for so long that DRS will not tell any more."""
    since = parse(intent.missed_at) if intent.missed_at else look.now
    enough = look.grace_seconds * (OPEN_SHARE if job else 1)
    return intent.misses >= MISSES and (look.now - since).total_seconds() >= enough


def _ended(intent: Intent, job: Job | None, now: datetime) -> Intent:
    ended = job.ended_at if job and job.ended_at else now
    return replace(intent, intent_state=IntentState.ENDED, ended_at=stamp(ended))
