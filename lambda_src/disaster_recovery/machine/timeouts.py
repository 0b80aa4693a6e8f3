"""What the machine does when nobody answered in time: it looks for itself, and gives up what it must."""

from __future__ import annotations

from typing import Any

from disaster_recovery.machine.preparing import frozen, known_wave
from disaster_recovery.machine.tokens import ACTIONS, WAVE
from disaster_recovery.machine.tools import Tools
from disaster_recovery.records.execution import Execution, Server, Wave
from disaster_recovery.records.record import changed
from disaster_recovery.records.statuses import ENDED_WAVES, SETTLED_SERVERS, LaunchStatus, WaveStatus
from disaster_recovery.records.transitions import Step, going_on, step
from disaster_recovery.watch.judgement import judge, settled, told
from disaster_recovery.watch.polling import poll
from disaster_recovery.wave_actions.runner import time_out
from shared.clock import stamp

MORE = "MORE"
LIMIT = "limit"
RECONCILE, TIMED_OUT = "RECONCILE", "TIMED_OUT"
#: Polls in a row that could not ask DRS, each after a heartbeat that was missed.
RECONCILES = 3


def wave_timed_out(tools: Tools, execution_id: str, wave_number: int) -> dict[str, Any]:
    """The wave took longer than its limit: what has not launched has failed, and the plan's policy says what follows.

    A decision that the poller made in the last moment stands.
    """
    going_on(tools.store, execution_id)
    wave = known_wave(tools.store, execution_id, wave_number)
    if not _is_decided(wave):
        _give_up_servers(tools, wave)
        step(tools.store, tools.clock, execution_id, lambda now: _settle(tools, now, wave_number))
        wave = known_wave(tools.store, execution_id, wave_number)
    return {"next": wave.decision.next if wave.decision else "STOP"}


def _is_decided(wave: Wave) -> bool:
    return bool(wave.decision and wave.decision.kind == WAVE and wave.decision.next != MORE)


def _give_up_servers(tools: Tools, wave: Wave) -> None:
    seconds = frozen(tools.store, wave.execution_id).wave(wave.wave_number).timeout_seconds
    message = f"not launched within {seconds} s, the limit of the wave"
    servers = tools.store.servers(wave.execution_id, wave.wave_number)
    tools.store.save_in_batches(
        [_failed(each, message) for each in servers if each.launch_status not in SETTLED_SERVERS]
    )


def _failed(server: Server, message: str) -> Server:
    return changed(server, launch_status=LaunchStatus.FAILED, error_message=message)


def _settle(tools: Tools, execution: Execution, wave_number: int) -> Step | None:
    wave = known_wave(tools.store, execution.execution_id, wave_number)
    if _is_decided(wave) or wave.wave_status in ENDED_WAVES:
        return None
    planned = frozen(tools.store, execution.execution_id).wave(wave_number)
    judged = judge(planned, tools.store.servers(execution.execution_id, wave_number))
    why = f"took longer than {planned.timeout_seconds} s"
    ended = settled(wave, judged, stamp(tools.clock()), by=LIMIT, error=why)
    message = f"wave {wave.name} {why}: {judged.message}"
    return Step("WAVE_TIMED_OUT", message, wave_number=wave_number, data=told(judged), others=[ended])


def reconcile(tools: Tools, execution_id: str, wave_number: int) -> dict[str, Any]:
    """No heartbeat came: polls in the poller's place. AWAIT while DRS can be asked, STOP when it could not thrice.

    STOP lets the wave end as it stands. A poll that sees DRS sets the count back.
    """
    going_on(tools.store, execution_id)
    before = known_wave(tools.store, execution_id, wave_number)
    poll(tools, execution_id, RECONCILE)
    wave = known_wave(tools.store, execution_id, wave_number)
    blind = wave.unknown_polls > before.unknown_polls
    reconciles = before.reconciles + 1 if blind else 0
    if wave.reconciles != reconciles:
        tools.store.save(changed(wave, reconciles=reconciles))
    return {"next": "STOP" if reconciles >= RECONCILES else "AWAIT"}


def actions_timed_out(tools: Tools, execution_id: str, wave_number: int) -> dict[str, Any]:
    """The actions took longer than all their limits together: those that have not ended have timed out.

    Then a poll judges them, as always; its answer to the task that is over is what this action answers.
    """
    going_on(tools.store, execution_id)
    wave = known_wave(tools.store, execution_id, wave_number)
    if wave.decision is None or wave.decision.kind != ACTIONS:
        planned = frozen(tools.store, execution_id).wave(wave_number)
        is_pre = wave.wave_status == WaveStatus.PRE_ACTIONS
        actions = planned.pre_actions if is_pre else planned.post_actions
        time_out(tools.store, tools.clock, wave, "PRE" if is_pre else "POST", actions)
        poll(tools, execution_id, TIMED_OUT)
    decision = known_wave(tools.store, execution_id, wave_number).decision
    return {"next": decision.next if decision and decision.kind == ACTIONS else "STOP"}
