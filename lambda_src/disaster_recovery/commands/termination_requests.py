"""Asks for the end of an execution's instances. The poller carries it out: only what our own jobs launched."""

from __future__ import annotations

from dataclasses import dataclass

from disaster_recovery.commands.restarting import TERMINATING
from disaster_recovery.commands.starting import Principal
from disaster_recovery.errors import LostRace, TowpathError, ValidationFailed, WrongState
from disaster_recovery.machine.tools import Wake
from disaster_recovery.records.execution import RECOVERY, Execution
from disaster_recovery.records.history import Termination
from disaster_recovery.records.statuses import TERMINAL_STATUSES
from disaster_recovery.records.store import Store
from disaster_recovery.records.transitions import Step, step
from shared.clock import Clock, stamp


@dataclass(frozen=True)
class TerminationRequests:
    """Terminating is an asynchronous job of DRS; `instancesTerminated` is set when it has ended."""

    store: Store
    wake: Wake
    clock: Clock

    def request(self, principal: Principal, execution_id: str, *, confirm: str = "") -> Termination:
        """Raises NotFound, WrongState while the execution runs, ValidationFailed for a request that was made already
        and when the end of a RECOVERY is not confirmed by the execution's id.
        """
        step(self.store, self.clock, execution_id, lambda now: self._decide(now, principal, confirm))
        try:
            self.wake(execution_id, "TERMINATE")
        except TowpathError:
            pass  # the finder looks at everything that is TERMINATING each minute
        termination = self.store.termination(execution_id)
        if termination is None:
            raise LostRace(f"the termination of {execution_id} has just expired")
        return termination

    def _decide(self, execution: Execution, principal: Principal, confirm: str) -> Step:
        if execution.status not in TERMINAL_STATUSES:
            raise WrongState(f"the execution is {execution.status}: its instances are terminated when it has ended")
        if execution.type == RECOVERY and confirm != execution.execution_id:
            raise ValidationFailed(
                "what a recovery launched is terminated only with the execution's id as confirmation"
            )
        before = self.store.termination(execution.execution_id)
        if execution.instances_terminated:
            raise ValidationFailed("the instances are terminated already")
        if before and before.status == TERMINATING:
            raise ValidationFailed("the instances are being terminated already")
        wanted = Termination(
            execution_id=execution.execution_id,
            revision=before.revision + 1 if before else 1,
            status=TERMINATING,
            requested_by=principal.actor,
            started_at=stamp(self.clock()),
        )
        message = "asked to terminate the instances"
        return Step("TERMINATION_REQUESTED", message, actor=principal.actor, others=[wanted])
