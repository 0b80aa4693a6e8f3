"""What the machine does when nobody answered in time: it looks for itself, and gives up what it must."""

from __future__ import annotations

from typing import Any

from disaster_recovery.judgement import judge
from disaster_recovery.preparing import frozen, known_wave
from disaster_recovery.record import changed
from disaster_recovery.records import Decision, Execution, Server, Wave
from disaster_recovery.statuses import ENDED_WAVES, SETTLED_SERVERS, LaunchStatus, WaveStatus
from disaster_recovery.tokens import WAVE
from disaster_recovery.tools import Tools
from disaster_recovery.transitions import Step, going_on, step
from shared.clock import stamp

POST_ACTIONS, MORE = "POST_ACTIONS", "MORE"
LIMIT = "limit"


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
    now = stamp(tools.clock())
    goes_on = judged.next == POST_ACTIONS
    settled = changed(
        wave,
        wave_status=WaveStatus.POST_ACTIONS if goes_on else judged.status,
        outcome=judged.status,
        counts=judged.counts,
        decision=Decision(next=judged.next, kind=WAVE, at=now, by=LIMIT),
        ended_at=None if goes_on else now,
        error_message=f"took longer than {planned.timeout_seconds} s",
    )
    message = f"wave {wave.name} took longer than {planned.timeout_seconds} s: {judged.message}"
    data = {"status": str(judged.status), "next": judged.next}
    return Step("WAVE_TIMED_OUT", message, wave_number=wave_number, data=data, others=[settled])
