"""One poll of one execution: read DRS, write the record, answer the machine. The only writer while a wave runs.

Any number of polls may run at a time and any of them may die at any point: every write is conditional on what was read,
every answer is stored, or can be derived again, before it is sent, and the next poll sends what did not arrive.
"""

from __future__ import annotations

from typing import Any

from disaster_recovery.errors import LostRace, StaleToken, TowpathError
from disaster_recovery.machine import pauses
from disaster_recovery.machine.tokens import ACTIONS, CANCEL, PAUSE, WAVE, Answer, Courier, due_answer
from disaster_recovery.machine.tools import ActionsOutcome, Tools
from disaster_recovery.notifications import flush
from disaster_recovery.records.execution import Decision, Execution, Wave
from disaster_recovery.records.history import TaskToken, event_of
from disaster_recovery.records.record import changed
from disaster_recovery.records.statuses import TERMINAL_STATUSES, IntentState, WaveStatus
from disaster_recovery.records.store import View
from disaster_recovery.watch import termination
from disaster_recovery.watch.judgement import NEXT, STOP
from disaster_recovery.watch.machine_repair import repair
from disaster_recovery.watch.tracking import Tracked, Tracker
from disaster_recovery.watch.wave_watch import WaveWatch
from shared.clock import stamp

RACES = 4
TICK = "TICK"
#: A poll that wakes itself counts along, `QUICK#3`, and leaves it to the minute's tick after so many times.
QUICK, QUICK_POLLS = "QUICK", 20
ACTIONS_POLL_SECONDS = 5


def poll(tools: Tools, execution_id: str, reason: str = TICK) -> str:
    """Brings one execution up to date. Returns the execution's status, UNKNOWN if there is none."""
    for _ in range(RACES):
        try:
            return _Poll(tools, execution_id, reason).run()
        except LostRace:
            continue
    tools.count("LostRaces", 1)
    _wake(tools, execution_id, reason, 1)
    return "LOST_RACE"


def _wake(tools: Tools, execution_id: str, reason: str, seconds: int) -> None:
    """A wake-up that cannot be sent costs a minute at most: the tick comes anyway."""
    try:
        tools.wake(execution_id, reason, seconds)
    except TowpathError:
        tools.count("WakesLost", 1)


class _Poll:
    def __init__(self, tools: Tools, execution_id: str, reason: str) -> None:
        self._tools = tools
        self._store = tools.store
        self._execution_id = execution_id
        self._reason = reason
        self._courier = Courier(tools.store, tools.machine, tools.clock)
        #: The machine does not wait for the token we know, so it is worth asking how it stands.
        self._stale = False
        #: Somebody may have written events since the execution was read.
        self._moved = False

    def run(self) -> str:
        view = self._store.view(self._execution_id)
        if view is None:
            return "UNKNOWN"
        if view.execution.status in TERMINAL_STATUSES:
            self._watch_last_jobs(view)
            self._watch_termination(view)
        else:
            self._watch(view)
        self._publish(view)
        return view.execution.status

    # --- an execution that goes on

    def _watch(self, view: View) -> None:
        tracker = Tracker(self._tools, view.execution)
        tracked = tracker.track(self._store.intents(self._execution_id))
        try:
            self._respond(view, tracker, tracked)
        except StaleToken:
            self._stale = True
            self._tools.count("StaleTokens", 1)
        except LostRace:
            raise
        except TowpathError:
            # The machine or an action's service could not be asked. What is due is due at the next poll as well.
            self._tools.count("AnswersFailed", 1)
        if self._stale or self._reason == TICK:
            self._moved = True
            repair(self._tools, self._execution_id, tracker, tracked)
        if tracked.quick:
            self._wake_quickly(self._tools.settings.quick_poll_seconds)

    def _respond(self, view: View, tracker: Tracker, tracked: Tracked) -> None:
        """Answers the task that the machine waits at, or tells it that somebody cares."""
        token, execution = view.token, view.execution
        if token is None or token.answered_at:
            return
        wave = self._store.wave(self._execution_id, token.wave_number) if token.wave_number else None
        answer = due_answer(token, execution, wave)
        if answer is not None:
            self._courier.send(token, answer)
        elif token.kind == PAUSE:
            if pauses.expire_overdue(self._tools, self._execution_id):
                self._moved = True
                self._courier.deliver(self._execution_id)
        elif token.kind == CANCEL:
            self._cancelling(token, tracker, tracked)
        elif token.kind == WAVE and wave is not None:
            self._wave(token, execution, wave, tracker, tracked)
        elif token.kind == ACTIONS and wave is not None:
            self._actions(token, execution, wave)

    def _wave(self, token: TaskToken, execution: Execution, wave: Wave, tracker: Tracker, tracked: Tracked) -> None:
        if tracked.unknown:
            self._tools.machine.heartbeat(token.token)
            return
        watch = WaveWatch(self._tools, execution, wave, tracker, tracked)
        if watch.is_settled():
            watch.settle()
            self._moved = True
            self._courier.deliver(self._execution_id)
        elif watch.may_start_more():
            watch.note_more()
            self._courier.send(token, Answer(output={"next": "MORE"}))
        else:
            self._moved = watch.note_launching()
            self._tools.machine.heartbeat(token.token)

    def _actions(self, token: TaskToken, execution: Execution, wave: Wave) -> None:
        outcome = self._tools.advance_actions(execution, wave, token.phase or "PRE")
        if outcome.next is None:
            self._tools.machine.heartbeat(token.token)
            self._wake_quickly(ACTIONS_POLL_SECONDS)
            return
        self._moved = True
        self._decide_actions(token, outcome)
        self._courier.deliver(self._execution_id)

    def _decide_actions(self, token: TaskToken, outcome: ActionsOutcome) -> None:
        """Stores the answer. After its last actions a wave ends as it was judged, PARTIAL at best when they stop it."""
        execution = self._store.execution(self._execution_id)
        wave = self._store.wave(self._execution_id, token.wave_number)
        if execution is None or wave is None or outcome.next is None:
            raise LostRace("the wave is not there any more")
        now = stamp(self._tools.clock())
        changes: dict[str, Any] = {"decision": Decision(next=outcome.next, kind=ACTIONS, at=now)}
        if token.phase == "POST" and wave.outcome and outcome.next in (NEXT, STOP):
            stopped = outcome.next == STOP and wave.outcome == WaveStatus.COMPLETED
            changes |= {"wave_status": WaveStatus.PARTIAL if stopped else wave.outcome, "ended_at": now}
            changes |= {"error_message": outcome.message or None}
        after = changed(execution, updated_at=now)
        message = outcome.message or f"the actions of wave {wave.name} are done"
        data = {"phase": token.phase, "next": outcome.next}
        event = event_of(after, "ACTIONS_SETTLED", now, message, wave_number=wave.wave_number, data=data)
        if not self._store.transition(after, event, changed(wave, **changes)):
            raise LostRace("the wave was changed while its actions were judged")

    def _cancelling(self, token: TaskToken, tracker: Tracker, tracked: Tracked) -> None:
        """Waits until no job of ours runs. Nothing that was planned is sent any more."""
        if tracked.unknown or self._left(tracker, tracked, "CANCELLED"):
            self._tools.machine.heartbeat(token.token)
        else:
            self._courier.send(token, Answer(output={"next": "CANCELLED"}))

    @staticmethod
    def _left(tracker: Tracker, tracked: Tracked, reason: str) -> bool:
        """True while jobs run or may run. What was planned and never sent is given up, and what nobody can find."""
        left = False
        for intent in tracked.open():
            if intent.intent_state == IntentState.PLANNED or tracker.is_overdue(intent):
                tracker.refuse(intent, reason)
            else:
                left = True
        return left

    # --- around it

    def _watch_last_jobs(self, view: View) -> None:
        """Jobs that outlive their execution: what they launch is known and locks are given back when they are over."""
        if view.watch is None or view.watch.status is None:
            return
        tracker = Tracker(self._tools, view.execution)
        tracked = tracker.track(self._store.intents(self._execution_id))
        if not tracked.unknown and not self._left(tracker, tracked, "NEVER_STARTED"):
            self._store.save_or_lose(changed(view.watch, status=None))
            self._store.expire(self._execution_id)

    def _watch_termination(self, view: View) -> None:
        if view.termination is None or view.termination.status is None:
            return
        self._moved = True
        if termination.advance(self._tools, view.execution, view.termination):
            self._wake_quickly(self._tools.settings.quick_poll_seconds)

    def _publish(self, view: View) -> None:
        """Sends the events that nobody has sent yet, if there can be any."""
        notified = view.outbox.notified_number if view.outbox else 0
        if not self._moved and view.execution.revision <= notified:
            return
        if not flush(self._store, self._tools.notify, self._execution_id):
            self._tools.count("NotificationsFailed", 1)

    def _wake_quickly(self, seconds: int) -> None:
        number = int(self._reason.removeprefix(f"{QUICK}#")) if self._reason.startswith(f"{QUICK}#") else 0
        if number < QUICK_POLLS:
            _wake(self._tools, self._execution_id, f"{QUICK}#{number + 1}", seconds)
