"""One transition of a job: read, decide, write job, steps, slots, audit and alert together; again when others were
faster. Whoever repeats a transition that was made finds nothing to change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from quicksight_migration.errors import LostRace, NotFound
from quicksight_migration.machine.draft import Draft
from quicksight_migration.machine.tools import Tools
from quicksight_migration.records.beside import ALERT_DUE, Alert, Audit
from quicksight_migration.records.job import Job
from quicksight_migration.records.record import Record, changed
from quicksight_migration.records.store import View
from shared.clock import stamp

TRIES = 12
MACHINE = "machine"


@dataclass(frozen=True)
class Told:
    """What the audit says of a transition. `alert` is the message that people get, empty for none, of kind `about`."""

    action: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    actor: str = MACHINE
    alert: str = ""
    about: str = ""


#: Changes the draft and says what it did; None when there is nothing to do.
Decide = Callable[[Draft], Told | None]


@dataclass(frozen=True)
class Outcome:
    """The job as the transition has left it, and owners of slots, of other jobs, whose turn it is."""

    view: View
    is_new: bool = False
    granted: tuple[str, ...] = ()


def transit(tools: Tools, job_id: str, decide: Decide, *others: Record) -> Outcome:
    """`decide` is called with what is stored, again after each lost race, and may raise. `others` are written along.

    Raises NotFound for an unknown job, LostRace when others write all the time.
    """
    for _ in range(TRIES):
        view = known(tools, job_id)
        now = stamp(tools.clock())
        draft = Draft(tools.store, tools.settings, view, now)
        told = decide(draft)
        if told is None or not (draft.is_changed or others):
            return Outcome(view)
        after = changed(replace(draft.job, updated_at=now, revision=view.job.revision))
        records = [*draft.records(), *others, *_alert(tools, after, told, now)]
        if tools.store.transition(after, audit_of(after, told, now), *records):
            return Outcome(draft.written(after), True, tuple(draft.granted))
    raise LostRace(f"{job_id} is written by others all the time")


def known(tools: Tools, job_id: str) -> View:
    """The job with its steps. Raises NotFound."""
    view = tools.store.view(job_id)
    if view is None:
        raise NotFound(f"there is no job {job_id}")
    return view


def audit_of(job: Job, told: Told, now: str) -> Audit:
    """The entry that goes with this revision of a job."""
    return Audit(
        job_id=job.job_id, number=job.revision, at=now, actor=told.actor, action=told.action, detail=dict(told.detail)
    )


def _alert(tools: Tools, job: Job, told: Told, now: str) -> list[Alert]:
    if not told.alert:
        return []
    before = tools.store.alert(job.job_id) or Alert(job_id=job.job_id, revision=0)
    due = {
        "number": job.revision,
        "at": now,
        "kind": told.about or told.action,
        "actor": told.actor,
        "status": str(job.status),
        "message": told.alert,
    }
    return [changed(before, status=ALERT_DUE, created_at=job.created_at, due=(*before.due, due))]
