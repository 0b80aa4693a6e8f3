"""What people do to a running execution: each command is one conditional step, stored before the machine hears of it.

Permissions are checked by the API before. Every command raises NotFound for an unknown execution and WrongState when
the execution is not where the command makes sense; whoever repeats a command that was carried out gets WrongState.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from disaster_recovery.commands.decisions import CONTINUE, RETRY, SKIP, Decisions
from disaster_recovery.commands.restarting import Restarter
from disaster_recovery.commands.starting import Principal
from disaster_recovery.commands.termination_requests import TerminationRequests
from disaster_recovery.errors import PermissionDenied, StaleToken, TowpathError, ValidationFailed, WrongState
from disaster_recovery.machine.tokens import PAUSE, Courier
from disaster_recovery.machine.tools import Wake
from disaster_recovery.records.execution import Decision, Execution, Pause, Request
from disaster_recovery.records.history import Termination
from disaster_recovery.records.record import changed
from disaster_recovery.records.statuses import TERMINAL_STATUSES, ExecutionStatus, WaveStatus
from disaster_recovery.records.store import Store
from disaster_recovery.records.transitions import Step, known, step
from shared.clock import Clock, stamp
from shared.state_machine import Machine


@dataclass(frozen=True)
class Commands:
    """`wake` has the poller look at once; without it the finder's next tick does."""

    store: Store
    machine: Machine[Execution]
    wake: Wake
    clock: Clock

    def pause(self, principal: Principal, execution_id: str) -> Execution:
        """Pauses before the next wave; a wave that runs is not interrupted, for DRS cannot be."""
        return self._step(execution_id, lambda execution: self._pause(execution, principal))

    def resume(
        self, principal: Principal, execution_id: str, *, comment: str = "", choice: str = CONTINUE
    ) -> Execution:
        """Answers a pause: CONTINUE as planned, or RETRY, SKIP, NEXT, STOP. Takes back a pause that has not begun.

        The answer is stored first; if the machine does not get it, the poller sends it again. Raises PermissionDenied
        when the pause wants another group, ValidationFailed when it wants a comment, StaleToken when the machine waits
        no more.
        """
        execution = self._step(execution_id, lambda now: self._answer(now, principal, comment, choice))
        if execution.pause and execution.pause.decision:
            self._deliver(execution_id)
        return execution

    def retry_failed(self, principal: Principal, execution_id: str, *, comment: str = "") -> Execution:
        """Has the failed servers of the paused wave, or its failed actions, tried again; others are left alone."""
        self._must_be_paused(execution_id)
        return self.resume(principal, execution_id, comment=comment, choice=RETRY)

    def skip_wave(self, principal: Principal, execution_id: str, wave_number: int, *, comment: str = "") -> Execution:
        """Leaves out a wave that has not begun, or takes the wave that the execution is paused at as it is."""
        pause = known(self.store, execution_id).pause
        if pause and pause.wave_number == wave_number and pause.decision is None:
            return self.resume(principal, execution_id, comment=comment, choice=SKIP)
        return self._step(execution_id, lambda execution: self._skip_later(execution, principal, wave_number))

    def cancel(self, principal: Principal, execution_id: str, *, reason: str = "") -> Execution:
        """Starts nothing more. DRS cannot cancel a job: CANCELLING lasts until those that run have ended."""
        execution = self._step(execution_id, lambda now: self._cancel(now, principal, reason))
        self._deliver(execution_id, stale_is_fine=True)
        return execution

    def restart(self, principal: Principal, execution_id: str, *, from_wave: int | None = None) -> Execution:
        """Runs an ended execution again from a wave on; see Restarter."""
        return Restarter(self.store, self.machine, self.clock).restart(principal, execution_id, from_wave=from_wave)

    def terminate_instances(self, principal: Principal, execution_id: str, *, confirm: str = "") -> Termination:
        """Has the instances of an ended execution terminated; see TerminationRequests."""
        return TerminationRequests(self.store, self.wake, self.clock).request(principal, execution_id, confirm=confirm)

    # --- steps

    def _pause(self, execution: Execution, principal: Principal) -> Step | None:
        _must_run(execution)
        if execution.status == ExecutionStatus.PAUSED:
            raise WrongState("the execution is paused already")
        if execution.pause_requested:
            return None
        if execution.current_wave >= execution.wave_count:
            raise WrongState("the last wave has begun: there is no wave left to pause before")
        asked = Request(by=principal.actor, at=stamp(self.clock()))
        message = "asked to pause before the next wave"
        return Step("PAUSE_REQUESTED", message, {"pause_requested": asked}, actor=principal.actor)

    def _cancel(self, execution: Execution, principal: Principal, reason: str) -> Step:
        if execution.status in TERMINAL_STATUSES:
            raise WrongState(f"the execution is {execution.status}")
        if execution.cancel_requested:
            raise WrongState("the execution is being cancelled already")
        asked = Request(by=principal.actor, at=stamp(self.clock()), reason=reason or None)
        return Step(
            "CANCEL_REQUESTED",
            "asked to cancel: nothing more is started",
            {"cancel_requested": asked, "status": ExecutionStatus.CANCELLING},
            actor=principal.actor,
            data={"comment": reason} if reason else None,
        )

    def _skip_later(self, execution: Execution, principal: Principal, wave_number: int) -> Step | None:
        _must_run(execution)
        wave = self.store.wave(execution.execution_id, wave_number)
        if wave is None:
            raise ValidationFailed(f"there is no wave {wave_number}")
        if wave.skip_requested:
            return None
        if wave.wave_status != WaveStatus.PENDING or wave_number <= execution.current_wave:
            raise WrongState(f"wave {wave_number} has begun: it cannot be left out any more")
        asked = Request(by=principal.actor, at=stamp(self.clock()))
        return Step(
            "WAVE_SKIP_REQUESTED",
            f"asked to leave out wave {wave_number} ({wave.name})",
            actor=principal.actor,
            wave_number=wave_number,
            others=[changed(wave, skip_requested=asked)],
        )

    def _answer(self, execution: Execution, principal: Principal, comment: str, choice: str) -> Step:
        pause = execution.pause
        if execution.status != ExecutionStatus.PAUSED or pause is None or pause.decision:
            return _take_back(execution, principal)
        _may_decide(pause, principal, comment)
        chosen = Decisions(self.store, self.clock).choose(execution.execution_id, pause, choice)
        decision = Decision(
            next=chosen.next, kind=PAUSE, at=stamp(self.clock()), by=principal.actor, comment=comment or None
        )
        return Step(
            chosen.kind,
            chosen.message,
            {"status": ExecutionStatus.POLLING, "pause": dataclasses.replace(pause, decision=decision)},
            actor=principal.actor,
            wave_number=pause.wave_number,
            data={"next": chosen.next, "reason": pause.reason} | ({"comment": comment} if comment else {}),
            others=chosen.others,
        )

    # --- how it is done

    def _must_be_paused(self, execution_id: str) -> None:
        execution = known(self.store, execution_id)
        if execution.status != ExecutionStatus.PAUSED:
            raise WrongState(f"the execution is {execution.status}, not paused at a failed wave")

    def _step(self, execution_id: str, decide: Callable[[Execution], Step | None]) -> Execution:
        execution = step(self.store, self.clock, execution_id, decide)
        self._wake(execution_id)
        return execution

    def _deliver(self, execution_id: str, *, stale_is_fine: bool = False) -> None:
        """Raises StaleToken; any other failure is left to the poller, which sends the stored decision again."""
        try:
            Courier(self.store, self.machine, self.clock).deliver(execution_id)
        except StaleToken:
            if not stale_is_fine:
                raise
        except TowpathError:
            self._wake(execution_id)

    def _wake(self, execution_id: str) -> None:
        """A wake-up that is lost costs a minute: the finder looks at everything that runs."""
        try:
            self.wake(execution_id, "COMMAND")
        except TowpathError:
            return


def _take_back(execution: Execution, principal: Principal) -> Step:
    """Resuming before the pause has begun takes the request back."""
    if execution.status in TERMINAL_STATUSES or execution.cancel_requested or not execution.pause_requested:
        raise WrongState(f"the execution is {execution.status}, it waits for no decision")
    return Step("PAUSE_WITHDRAWN", "does not pause after all", {"pause_requested": None}, actor=principal.actor)


def _may_decide(pause: Pause, principal: Principal, comment: str) -> None:
    if pause.approver_group and not principal.direct and pause.approver_group not in principal.groups:
        raise PermissionDenied(f"only members of {pause.approver_group} may decide this pause")
    if pause.require_comment and not comment.strip():
        raise ValidationFailed("this pause wants a comment")


def _must_run(execution: Execution) -> None:
    if execution.status in TERMINAL_STATUSES or execution.cancel_requested:
        raise WrongState(f"the execution is {execution.status}")
