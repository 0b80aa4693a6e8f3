"""When the machine and the record disagree: a start that was lost, a run that ended and could not say so."""

from __future__ import annotations

from datetime import timedelta

from disaster_recovery.errors import LostRace, TowpathError
from disaster_recovery.machine.tools import Tools
from disaster_recovery.records.execution import Execution
from disaster_recovery.records.statuses import TERMINAL_STATUSES, ExecutionStatus
from disaster_recovery.watch.tracking import Tracked, Tracker
from shared.clock import parse

#: Whoever creates an execution starts its machine at once; after this it is taken for dead.
START_GRACE = timedelta(seconds=30)
RUNNING = frozenset({"RUNNING", "PENDING_REDRIVE"})


def repair(tools: Tools, execution_id: str, tracker: Tracker, tracked: Tracked) -> None:
    """Starts a machine that was never started; finishes the record of one that has ended, once no job of ours runs."""
    execution = tools.store.execution(execution_id)
    if execution is None or execution.status in TERMINAL_STATUSES:
        return
    try:
        status = tools.machine.status(execution)
        if status in RUNNING:
            return
        if status:
            _finish(tools, execution, status, tracker, tracked)
        elif tools.clock() - parse(execution.updated_at) >= START_GRACE:
            if execution.status == ExecutionStatus.PENDING:
                tools.machine.start(execution)
            else:
                _finish(tools, execution, "GONE", tracker, tracked)
    except LostRace:
        raise
    except TowpathError:
        # Nobody knows how the machine stands; the next tick asks again.
        tools.count("MachineUnknown", 1)


def _finish(tools: Tools, execution: Execution, status: str, tracker: Tracker, tracked: Tracked) -> None:
    if tracked.unknown:
        return
    left = [intent for intent in tracked.open() if not tracker.is_overdue(intent)]
    for intent in tracked.open():
        if tracker.is_overdue(intent):
            tracker.refuse(intent, "NEVER_STARTED")
    if left:
        return
    outcome = "CANCELLED" if execution.cancel_requested else "ERROR"
    error = f"Machine{status.title().replace('_', '')}"
    tools.finish(execution.execution_id, outcome, error, "the state machine ended before it had finished the record")
