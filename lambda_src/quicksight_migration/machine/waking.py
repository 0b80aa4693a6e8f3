"""Answers to tasks that wait. What they are told is stored first; what is lost is sent again by the reconciler."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from quicksight_migration.errors import LostRace, StaleToken, TowpathError
from quicksight_migration.machine.draft import dead_owners
from quicksight_migration.machine.going_on import SLOT, answer_of
from quicksight_migration.machine.recording import moved_on
from quicksight_migration.machine.tools import Tools
from quicksight_migration.machine.transitions import Outcome, transit
from quicksight_migration.records import slots
from quicksight_migration.records.beside import APPROVAL_TOKEN, SLOT_TOKEN, TaskToken, job_of
from quicksight_migration.records.order import running
from quicksight_migration.records.record import changed
from quicksight_migration.records.statuses import TERMINAL_STATUSES, Decision, StepName
from quicksight_migration.records.store import View
from shared.clock import stamp

TRIES = 5


def due_answer(token: TaskToken, view: View) -> Mapping[str, Any] | None:
    """What the task that waits with the token is told; None while it has to wait."""
    job = view.job
    over = job.status in TERMINAL_STATUSES or job.cancel_requested is not None or token.run_number < job.run_number
    if token.kind == SLOT_TOKEN:
        return answer_of(view) if over or not (job.waiting and job.waiting.kind == SLOT) else None
    run = running(view.steps)
    waits = run is not None and run.step == StepName.WAIT_FOR_APPROVAL
    if job.approval and waits and not over:
        return {"decision": str(job.approval.decision), "by": job.approval.by}
    return {"decision": str(Decision.CANCELLED)} if over or not waits else None


def deliver(tools: Tools, job_id: str) -> bool:
    """Sends what is due. False when the machine could not be reached: somebody has to deliver again."""
    reached = True
    for kind in (APPROVAL_TOKEN, SLOT_TOKEN):
        token = tools.store.token(job_id, kind)
        if token is None or token.answered_at:
            continue
        view = tools.store.view(job_id)
        answer = due_answer(token, view) if view else None
        if answer is None:
            continue
        try:
            tools.machine.succeed(token.token, answer)
        except StaleToken:
            tools.count("StaleTokens", 1)
        except TowpathError:
            reached = False
            continue
        # Losing this write is no harm: somebody else answered too, or another task waits by now.
        tools.store.save(changed(token, token="", answered_at=stamp(tools.clock())))
    return reached


def store_token(tools: Tools, token: TaskToken) -> None:
    """Puts a task's token in the place of the one before. Raises LostRace when others keep on writing theirs."""
    for _ in range(TRIES):
        before = tools.store.token(token.job_id, token.kind)
        if before and before.token == token.token:
            return
        if tools.store.save(dataclasses.replace(token, revision=before.revision + 1 if before else 1)):
            return
    raise LostRace(f"tokens of {token.job_id} are written by others all the time")


def take_turns(tools: Tools, owners: Iterable[str]) -> None:
    """Has jobs whose turn it is begin their steps, and tells their machines. May be repeated, and may fail: whoever
    waits in line looks for themselves every few minutes.
    """
    for owner in owners:
        try:
            take_turn(tools, job_of(owner))
        except (TowpathError, ClientError, BotoCoreError):
            tools.count("TurnsFailed", 1)


def take_turn(tools: Tools, job_id: str) -> Outcome | None:
    """Begins the step that the job waits for, if it is its turn, and tells its machine. None: there is no such job.

    Others whose turn it is too, since dead holders were sent away, are called up.
    """
    if tools.store.job(job_id) is None:
        return None
    outcome = transit(tools, job_id, moved_on)
    deliver(tools, job_id)
    take_turns(tools, outcome.granted)
    return outcome


def sweep_line(tools: Tools, key: str, limit: int) -> int:
    """Sends away holders whose jobs are over, and calls up whoever is next. Returns how many were sent away."""
    for _ in range(TRIES):
        line = tools.store.slots([key])[key]
        dead = dead_owners(tools.store, line)
        after = slots.leave(line, slots.among(dead), stamp(tools.clock()), limit)
        if after == line:
            return 0
        if tools.store.save(changed(after)):
            take_turns(tools, slots.granted(line, after))
            return len(dead)
    raise LostRace(f"{key} is written by others all the time")
