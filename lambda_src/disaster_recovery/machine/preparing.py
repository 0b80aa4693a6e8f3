"""Before servers are launched: the plan is checked, the execution begins, each wave is asked what it wants first."""

from __future__ import annotations

from typing import Any

from disaster_recovery.commands.decisions import leave_out_servers
from disaster_recovery.errors import NotFound, PlanInvalid
from disaster_recovery.machine.pauses import leave_pause
from disaster_recovery.machine.tools import Tools
from disaster_recovery.plans.plan import PlanAction, PlanWave, RecoveryPlan, parse_plan
from disaster_recovery.records.execution import Execution, Wave
from disaster_recovery.records.record import changed
from disaster_recovery.records.statuses import ENDED_WAVES, ExecutionStatus, WaveStatus
from disaster_recovery.records.store import Store
from disaster_recovery.records.transitions import Step, going_on, step
from shared.clock import stamp

#: What the machine gives actions beyond their own limits: the poller times each of them out before.
ACTION_GRACE_SECONDS = 120


def frozen(store: Store, execution_id: str) -> RecoveryPlan:
    """The plan that the execution was started with. Raises PlanInvalid when its record is missing."""
    plan = store.plan(execution_id)
    if plan is None:
        raise PlanInvalid(f"the plan of {execution_id} is missing")
    return parse_plan(plan.document)


def initialize_execution(tools: Tools, execution_id: str) -> dict[str, Any]:
    """PENDING becomes INITIATED. Answers the wave to begin with and how many there are; may be repeated."""
    going_on(tools.store, execution_id)
    execution = step(tools.store, tools.clock, execution_id, _initiate)
    return {"waveNumber": execution.first_wave, "waveCount": execution.wave_count}


def _initiate(execution: Execution) -> Step | None:
    if execution.status != ExecutionStatus.PENDING:
        return None
    run = f", run {execution.run_number}" if execution.run_number > 1 else ""
    message = f"begins with wave {execution.first_wave} of {execution.wave_count}{run}"
    return Step("EXECUTION_INITIATED", message, {"status": ExecutionStatus.INITIATED})


def prepare_wave(tools: Tools, execution_id: str, wave_number: int) -> dict[str, Any]:
    """What comes first for the wave, and how long its parts may take, in seconds.

    {"next": PAUSE | PRE_ACTIONS | START | SKIP, "pauseSeconds", "waveSeconds", "actionSeconds"}
    """
    execution = leave_pause(tools, execution_id)
    planned = frozen(tools.store, execution_id).wave(wave_number)
    wave = known_wave(tools.store, execution_id, wave_number)
    return {"next": _next(tools, execution, planned, wave), **seconds(planned)}


def _next(tools: Tools, execution: Execution, planned: PlanWave, wave: Wave) -> str:
    if wave.wave_status in ENDED_WAVES:
        return "SKIP"
    if wave.skip_requested:
        leave_out(tools, wave, f"wave {wave.wave_number} ({wave.name}) is left out")
        return "SKIP"
    if planned.pause_before or execution.pause_requested:
        return "PAUSE"
    return "PRE_ACTIONS" if planned.pre_actions else "START"


def known_wave(store: Store, execution_id: str, wave_number: int) -> Wave:
    """The record of a wave. Raises NotFound."""
    wave = store.wave(execution_id, wave_number)
    if wave is None:
        raise NotFound(f"there is no wave {wave_number} of {execution_id}")
    return wave


def leave_out(tools: Tools, wave: Wave, message: str) -> None:
    """The wave becomes SKIPPED, and with it its servers."""
    leave_out_servers(tools.store, wave)

    def decide(_: Execution) -> Step | None:
        now = known_wave(tools.store, wave.execution_id, wave.wave_number)
        if now.wave_status in ENDED_WAVES:
            return None
        skipped = changed(now, wave_status=WaveStatus.SKIPPED, ended_at=stamp(tools.clock()), decision=None)
        changes = {"current_wave": wave.wave_number}
        return Step("WAVE_SKIPPED", message, changes, wave_number=wave.wave_number, others=[skipped])

    step(tools.store, tools.clock, wave.execution_id, decide)


def seconds(planned: PlanWave) -> dict[str, int]:
    """The limits of the machine's tasks for this wave."""
    actions = max(_together(planned.pre_actions), _together(planned.post_actions))
    return {
        "pauseSeconds": planned.pause.deadline_seconds,
        "waveSeconds": planned.timeout_seconds,
        "actionSeconds": actions + ACTION_GRACE_SECONDS,
    }


def _together(actions: tuple[PlanAction, ...]) -> int:
    """Actions run one after the other."""
    return sum(action.timeout_seconds for action in actions)
