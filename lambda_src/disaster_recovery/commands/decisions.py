"""What a pause can be answered with, and what else changes with each answer."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field

from disaster_recovery.errors import WrongState
from disaster_recovery.machine.pauses import ACTION_FAILED, WAVE_FAILED
from disaster_recovery.records.execution import Action, Pause, Request, Server, Wave
from disaster_recovery.records.record import Record, changed
from disaster_recovery.records.statuses import ENDED_WAVES, ActionState, LaunchStatus, WaveStatus
from disaster_recovery.records.store import Store
from shared.clock import Clock, stamp

CONTINUE, RETRY, SKIP, NEXT, STOP = "CONTINUE", "RETRY", "SKIP", "NEXT", "STOP"
#: A wave that has not begun cannot be left behind without being left out: NEXT is for those that have.
BEGUN = frozenset({WAVE_FAILED, ACTION_FAILED})


@dataclass(frozen=True)
class Choice:
    """`next` is what the machine is told; `kind` and `message` are the event; `others` change in the same write."""

    next: str
    kind: str
    message: str
    others: Sequence[Record] = field(default=())


@dataclass(frozen=True)
class Decisions:
    """Every answer may be prepared again after a lost race: what it writes by itself can be repeated."""

    store: Store
    clock: Clock

    def choose(self, execution_id: str, pause: Pause, answer: str) -> Choice:
        """Raises WrongState for an answer that does not fit the pause."""
        wave = self.store.wave(execution_id, pause.wave_number)
        if wave is None:
            raise WrongState(f"there is no wave {pause.wave_number}")
        if answer == RETRY:
            return self._retry(pause, wave)
        if answer == SKIP or (answer == NEXT and wave.wave_status == WaveStatus.PRE_ACTIONS):
            return self._skip(wave)
        if answer == CONTINUE:
            return Choice(pause.resume_next, "RESUMED", "goes on", self._settled(wave, pause.resume_next))
        if answer == NEXT and pause.reason not in BEGUN:
            raise WrongState(f"{answer} is no answer to a pause because of {pause.reason}")
        told = "stops here" if answer == STOP else "goes on with the next wave"
        return Choice(answer, "RESUMED", told, self._settled(wave, answer))

    def _settled(self, wave: Wave, answer: str) -> Sequence[Wave]:
        """A wave whose servers were judged, but whose later actions failed, ends as it was judged."""
        if wave.wave_status != WaveStatus.POST_ACTIONS or not wave.outcome or answer not in (NEXT, STOP):
            return ()
        return [changed(wave, wave_status=wave.outcome, ended_at=stamp(self.clock()))]

    def _skip(self, wave: Wave) -> Choice:
        asked = Request(by="pause", at=stamp(self.clock()))
        message = f"goes on without wave {wave.wave_number} ({wave.name})"
        if wave.wave_status in ENDED_WAVES:
            message = f"takes wave {wave.wave_number} ({wave.name}) as it is"
            return Choice(SKIP, "WAVE_SKIP_REQUESTED", message, [changed(wave, skip_requested=asked)])
        if wave.outcome:
            return Choice(SKIP, "WAVE_SKIP_REQUESTED", message, self._settled(wave, NEXT))
        leave_out_servers(self.store, wave)
        skipped = changed(
            wave, skip_requested=asked, wave_status=WaveStatus.SKIPPED, ended_at=stamp(self.clock()), decision=None
        )
        return Choice(SKIP, "WAVE_SKIP_REQUESTED", message, [skipped])

    def _retry(self, pause: Pause, wave: Wave) -> Choice:
        if pause.reason == ACTION_FAILED:
            return self._retry_actions(wave)
        if pause.reason != WAVE_FAILED:
            raise WrongState("no wave has failed: there is nothing to try again")
        attempt = wave.attempt + 1
        servers = self.store.servers(wave.execution_id, wave.wave_number)
        failed = [
            server for server in servers if server.launch_status in (LaunchStatus.FAILED, LaunchStatus.TERMINATED)
        ]
        again = [server for server in servers if server.attempt == attempt]
        count = len(failed) + len(again)
        if not count:
            raise WrongState(f"no server of wave {wave.wave_number} has failed")
        self.store.save_in_batches([relaunched(server, attempt) for server in failed])
        message = f"tries {count} failed server{'s' if count > 1 else ''} of wave {wave.wave_number} again"
        return Choice(RETRY, "RETRY_REQUESTED", message, [reopened(wave, attempt)])

    def _retry_actions(self, wave: Wave) -> Choice:
        phase = "PRE" if wave.wave_status == WaveStatus.PRE_ACTIONS else "POST"
        actions = self.store.actions(wave.execution_id, wave.wave_number, phase)
        failed = [action for action in actions if action.action_state in (ActionState.FAILED, ActionState.TIMED_OUT)]
        if not failed:
            raise WrongState(f"no action of wave {wave.wave_number} has failed")
        others = [*(repeated(action) for action in failed), changed(wave, decision=None)]
        return Choice(f"{phase}_ACTIONS", "RETRY_REQUESTED", f"tries {len(failed)} failed actions again", others)


def leave_out_servers(store: Store, wave: Wave) -> None:
    """Servers of a wave that is not started are SKIPPED; those that have been something else stay what they are."""
    servers = store.servers(wave.execution_id, wave.wave_number)
    left = [server for server in servers if server.launch_status == LaunchStatus.PENDING]
    store.save_in_batches([changed(server, launch_status=LaunchStatus.SKIPPED) for server in left])


def relaunched(server: Server, attempt: int) -> Server:
    """A server as it is before it is launched; nothing of the attempt before stays but its number."""
    return changed(
        server,
        launch_status=LaunchStatus.PENDING,
        attempt=attempt,
        job_id=None,
        recovery_instance_id=None,
        ec2_instance_id=None,
        recovery_point_at=None,
        started_at=None,
        launched_at=None,
        error_message=None,
    )


def reopened(wave: Wave, attempt: int) -> Wave:
    """A wave as it is before it starts, at its next attempt."""
    return changed(
        wave,
        attempt=attempt,
        wave_status=WaveStatus.PENDING,
        outcome=None,
        decision=None,
        ended_at=None,
        attempt_started_at=None,
        more_at=None,
        reconciles=0,
        unknown_polls=0,
        skip_requested=None,
        error_message=None,
    )


def repeated(action: Action) -> Action:
    """An action as it is before it is started, at its next attempt."""
    fresh = Action(
        execution_id=action.execution_id,
        revision=action.revision,
        wave_number=action.wave_number,
        phase=action.phase,
        number=action.number,
        name=action.name,
    )
    return changed(dataclasses.replace(fresh, attempt=action.attempt + 1))
