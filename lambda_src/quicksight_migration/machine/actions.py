"""The actions of the updater, each of which is one transition at most. All may be repeated with the same arguments.

Arguments are ids and what workers said; answers are {"next", "step", "attempt"}, or {"status"} for the ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from quicksight_migration import notifications
from quicksight_migration.errors import ValidationFailed, WrongState
from quicksight_migration.machine import recording
from quicksight_migration.machine.failures import failure_of
from quicksight_migration.machine.going_on import FAILED, answer_of
from quicksight_migration.machine.tools import Tools
from quicksight_migration.machine.transitions import Decide, Outcome, known, transit
from quicksight_migration.machine.waking import deliver, store_token, take_turn, take_turns
from quicksight_migration.records.beside import APPROVAL_TOKEN, SLOT_TOKEN, TaskToken
from quicksight_migration.records.job import Job
from quicksight_migration.records.statuses import TERMINAL_STATUSES
from quicksight_migration.records.store import View
from shared.clock import parse, stamp

Event = Mapping[str, Any]


def carry_out(tools: Tools, event: Event) -> dict[str, Any]:
    """One action of one job. Raises ValidationFailed for an action that there is not, NotFound, LostRace."""
    name, job_id = str(event.get("action")), str(event["jobId"])
    if name in WAITS:
        return _wait(tools, event, WAITS[name])
    if name not in DECISIONS:
        raise ValidationFailed(f"there is no action {name!r}")
    decide = DECISIONS[name](event)
    # Asked of what the transition is made from: a retry may come between two reads.
    outcome = transit(tools, job_id, lambda draft: decide(draft) if _is_of_this_run(draft.job, event) else None)
    if not _is_of_this_run(outcome.view.job, event):
        return {"next": FAILED, "step": FAILED, "attempt": 1, "status": str(outcome.view.job.status)}
    follow(tools, outcome)
    return {**answer_of(outcome.view), "status": str(outcome.view.job.status)}


def follow(tools: Tools, outcome: Outcome) -> None:
    """What follows from a transition and may be lost: others' turns, alerts, metrics, the expiry of what is over."""
    job = outcome.view.job
    take_turns(tools, outcome.granted)
    if outcome.is_new:
        _measure(tools, outcome.view)
    notifications.flush_quietly(tools, job.job_id)
    if job.status in TERMINAL_STATUSES:
        tools.store.expire(job.job_id)


def _wait(tools: Tools, event: Event, kind: str) -> dict[str, Any]:
    """Stores the token of a task that begins to wait, then looks whether its answer is there already."""
    job_id = str(event["jobId"])
    view = known(tools, job_id)
    if not _is_of_this_run(view.job, event):
        raise WrongState(f"{job_id} is in another run")
    token = TaskToken(
        job_id=job_id,
        kind=kind,
        token=str(event["taskToken"]),
        run_number=view.job.run_number,
        stored_at=stamp(tools.clock()),
    )
    store_token(tools, token)
    if kind == SLOT_TOKEN:
        take_turn(tools, job_id)
    else:
        deliver(tools, job_id)
    return {}


def _is_of_this_run(job: Job, event: Event) -> bool:
    """False for a machine that outlived its run: the job was retried since."""
    return "runNumber" not in event or int(event["runNumber"]) == job.run_number


def _measure(tools: Tools, view: View) -> None:
    job = view.job
    for run in view.steps:
        if run.ended_revision == job.revision and run.ended_at and not run.is_left_out:
            seconds = (parse(run.ended_at) - parse(run.started_at)).total_seconds()
            tools.count(f"{run.step}Seconds", seconds)
            tools.count(f"{run.step}{str(run.step_status).title()}", 1)
    if job.status in TERMINAL_STATUSES:
        tools.count(f"Jobs{str(job.status).title().replace('_', '')}", 1)


def _step(event: Event) -> tuple[str, int]:
    return str(event.get("step", "")), int(event.get("attempt", 0))


def _result(event: Event) -> Mapping[str, Any]:
    result = event.get("result")
    return result if isinstance(result, Mapping) else {}


def _fail(event: Event) -> Decide:
    result = _result(event)
    failure = failure_of(str(event.get("error", "")), str(event.get("cause", "")), result)
    return recording.run_failed(*_step(event), failure, recording.target_of(result))


DECISIONS: Mapping[str, Callable[[Event], Decide]] = {
    "start_run": lambda event: recording.run_started(int(event["runNumber"]), str(event.get("executionArn", ""))),
    "next": lambda event: recording.moved_on,
    "record_step": lambda event: recording.step_ended(*_step(event), _result(event)),
    "approval_expired": lambda event: recording.approval_expired,
    "fail": _fail,
    "finalize": lambda event: recording.run_completed,
    "cancelled": lambda event: recording.run_cancelled,
}
WAITS = {"wait_for_slot": SLOT_TOKEN, "wait_for_approval": APPROVAL_TOKEN}
