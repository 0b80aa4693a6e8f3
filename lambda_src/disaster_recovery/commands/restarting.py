"""An ended execution run again from a checkpoint: a new run of the machine over the same frozen plan.

Servers that launched stay as they are, and so do those whose job may still launch them; everything else of the waves
from the checkpoint on becomes PENDING again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from disaster_recovery.commands.decisions import relaunched, reopened, repeated
from disaster_recovery.commands.starting import Principal, take_plan
from disaster_recovery.errors import ValidationFailed, WrongState
from disaster_recovery.records.execution import Execution, Intent, Server, Wave
from disaster_recovery.records.record import Record, changed
from disaster_recovery.records.statuses import ExecutionStatus, IntentState, LaunchStatus, WaveStatus
from disaster_recovery.records.store import Store
from disaster_recovery.records.transitions import Step, known, step
from shared.clock import Clock, stamp
from shared.state_machine import Machine

RESTARTABLE = frozenset({ExecutionStatus.PARTIAL, ExecutionStatus.FAILED, ExecutionStatus.CANCELLED})
TERMINATING, SCHEDULED = "TERMINATING", "SCHEDULED"


@dataclass(frozen=True)
class Restarter:
    """Run r<n+1> of an execution."""

    store: Store
    machine: Machine[Execution]
    clock: Clock

    def restart(self, principal: Principal, execution_id: str, *, from_wave: int | None = None) -> Execution:
        """Starts the next run; `from_wave` defaults to the first wave that did not complete.

        Raises NotFound, WrongState unless the execution ended PARTIAL, FAILED or CANCELLED with its instances in place,
        ValidationFailed for a wave that does not exist; what the machine raises when it did not answer.
        """
        execution = known(self.store, execution_id)
        self._check(execution)
        waves = self.store.waves(execution_id)
        first = from_wave or next((w.wave_number for w in waves if w.wave_status != WaveStatus.COMPLETED), 1)
        if not 1 <= first <= len(waves):
            raise ValidationFailed(f"there is no wave {first}")
        take_plan(self.store, execution.plan_id, execution_id, stamp(self.clock()))
        for wave in waves[first - 1 :]:
            if wave.wave_status != WaveStatus.COMPLETED:
                self._reopen(wave)
        after = step(self.store, self.clock, execution_id, lambda now: self._begin(now, principal, first))
        self.machine.start(after)
        return after

    def _check(self, execution: Execution) -> None:
        if execution.status not in RESTARTABLE:
            raise WrongState(
                f"the execution is {execution.status}: only one that failed, or was cancelled, is run again"
            )
        termination = self.store.termination(execution.execution_id)
        if execution.instances_terminated or (termination and termination.status == TERMINATING):
            raise WrongState("the instances of the execution are terminated: start the plan anew")

    def _reopen(self, wave: Wave) -> None:
        servers = self.store.servers(wave.execution_id, wave.wave_number)
        intents = self.store.intents(wave.execution_id, wave.wave_number)
        actions = self.store.actions(wave.execution_id, wave.wave_number)
        attempt = wave.attempt + 1
        changes: list[Record] = [*_servers_again(servers, intents, attempt), *(repeated(each) for each in actions)]
        self.store.save_in_batches([*changes, reopened(wave, attempt)])

    def _begin(self, execution: Execution, principal: Principal, first: int) -> Step:
        self._check(execution)
        changes: dict[str, Any] = {
            "status": ExecutionStatus.PENDING,
            "run_number": execution.run_number + 1,
            "first_wave": first,
            "current_wave": first - 1,
            "ended_at": None,
            "pause": None,
            "pause_requested": None,
            "cancel_requested": None,
            "failure_reason": None,
            "error_message": None,
            "drill_expires_at": None,
        }
        termination = self.store.termination(execution.execution_id)
        kept = [changed(termination, status=None, not_before=None)] if termination else []
        return Step(
            "EXECUTION_RESTARTED",
            f"run {execution.run_number + 1} begins at wave {first}",
            changes,
            actor=principal.actor,
            wave_number=first,
            data={"runNumber": execution.run_number + 1},
            others=kept,
        )


def _servers_again(servers: Sequence[Server], intents: Sequence[Intent], attempt: int) -> list[Server]:
    """Servers that are launched again. One whose job nobody saw the end of is in progress, not failed."""
    running = {
        server_id
        for intent in intents
        if intent.intent_state in (IntentState.SENT, IntentState.STARTED)
        for server_id in intent.source_server_ids
    }
    again = []
    for server in servers:
        if server.launch_status in (LaunchStatus.LAUNCHED, LaunchStatus.IN_PROGRESS):
            continue
        if server.source_server_id in running:
            again.append(changed(server, launch_status=LaunchStatus.IN_PROGRESS, error_message=None))
        else:
            again.append(relaunched(server, attempt))
    return again
