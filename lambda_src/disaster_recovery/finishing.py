"""The end of an execution: what was not settled is settled, the status is what really launched. May be repeated."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from disaster_recovery.history import TaskToken, Termination, plan_lock
from disaster_recovery.plan import parse_plan
from disaster_recovery.record import Record, changed
from disaster_recovery.records import DRILL, Counts, Execution, Server, Wave
from disaster_recovery.statuses import (
    ENDED_WAVES,
    TERMINAL_STATUSES,
    ExecutionStatus,
    LaunchStatus,
    WaveStatus,
)
from disaster_recovery.store import Store
from disaster_recovery.tools import Tools
from disaster_recovery.transitions import Step, known, step
from shared.clock import stamp
from shared.errors import code_of

ENDED, CANCELLED, ERROR = "ENDED", "CANCELLED", "ERROR"
MESSAGE_LENGTH = 1000


def finish(tools: Tools, execution_id: str, outcome: str, error: str = "", cause: str = "") -> dict[str, Any]:
    """{"status": COMPLETED | PARTIAL | FAILED | CANCELLED}. `outcome`: ENDED, CANCELLED or ERROR (with its name)."""
    execution = known(tools.store, execution_id)
    if execution.status not in TERMINAL_STATUSES:
        _settle_waves(tools, execution, outcome)
        before = execution
        execution = step(
            tools.store, tools.clock, execution_id, lambda now: _end(tools, now, outcome, error or "none", cause)
        )
        if before.status not in TERMINAL_STATUSES:
            tools.count(f"ExecutionsEnded{execution.status.title()}", 1)
    tools.store.release([plan_lock(execution.plan_id)], owner=execution_id)
    _forget_token(tools.store, execution_id)
    return {"status": execution.status}


def status_of(outcome: str, waves: Sequence[Wave], launched: int) -> str:
    """What an execution with these waves has come to; `launched` counts servers.

    FAILED: nothing launched, and a wave failed or something broke. Nothing launched and nothing failed (all left out)
    is PARTIAL, as is everything in between.
    """
    if outcome == CANCELLED:
        return ExecutionStatus.CANCELLED
    if outcome == ENDED and all(wave.wave_status == WaveStatus.COMPLETED for wave in waves):
        return ExecutionStatus.COMPLETED
    broken = outcome == ERROR or any(wave.wave_status == WaveStatus.FAILED for wave in waves)
    return ExecutionStatus.FAILED if broken and not launched else ExecutionStatus.PARTIAL


def _settle_waves(tools: Tools, execution: Execution, outcome: str) -> None:
    """Waves that were not run are SKIPPED (CANCELLED after a cancel); one that was under way ends as far as it came."""
    for wave in tools.store.waves(execution.execution_id):
        if wave.wave_status in ENDED_WAVES:
            continue
        servers = tools.store.servers(execution.execution_id, wave.wave_number)
        left = [server for server in servers if server.launch_status == LaunchStatus.PENDING]
        tools.store.save_in_batches([changed(server, launch_status=LaunchStatus.SKIPPED) for server in left])
        ended = changed(
            wave,
            wave_status=_wave_status(wave, servers, outcome),
            counts=counts_of(servers),
            ended_at=stamp(tools.clock()),
        )
        tools.store.save_or_lose(ended)


def _wave_status(wave: Wave, servers: Sequence[Server], outcome: str) -> str:
    if wave.outcome:
        return wave.outcome
    if outcome == CANCELLED:
        return WaveStatus.CANCELLED
    return WaveStatus.SKIPPED if wave.wave_status == WaveStatus.PENDING else WaveStatus.FAILED


def counts_of(servers: Sequence[Server]) -> Counts:
    """How many there are, launched, and failed."""
    states = [server.launch_status for server in servers]
    return Counts(
        servers=len(states), launched=states.count(LaunchStatus.LAUNCHED), failed=states.count(LaunchStatus.FAILED)
    )


def _end(tools: Tools, execution: Execution, outcome: str, error: str, cause: str) -> Step | None:
    if execution.status in TERMINAL_STATUSES:
        return None
    servers = tools.store.servers(execution.execution_id)
    waves = tools.store.waves(execution.execution_id)
    counts = counts_of(servers)
    status = status_of(outcome, waves, sum(1 for server in servers if server.launched_at))
    now = tools.clock()
    changes: dict[str, Any] = {"status": status, "ended_at": stamp(now), "counts": counts}
    changes |= {"pause": None, "pause_requested": None}
    if outcome == ERROR:
        changes |= {"failure_reason": code_of(error), "error_message": _message(cause)}
    others: list[Record] = []
    expiry = _expiry(tools, execution, counts)
    if expiry:
        changes["drill_expires_at"] = expiry.not_before
        others.append(expiry)
    message = f"{status}: {counts.launched} of {counts.servers} servers launched, {counts.failed} failed"
    data = {"status": status, "launched": counts.launched, "failed": counts.failed, "servers": counts.servers}
    if outcome == ERROR:
        data["error"] = error
    return Step("EXECUTION_ENDED", message, changes, data=data, others=others)


def _message(cause: str) -> str | None:
    """What a person needs of a cause: of a function's error only its message, not the stack."""
    try:
        told = json.loads(cause)
    except ValueError:
        told = None
    text = told.get("errorMessage", cause) if isinstance(told, dict) else cause
    return str(text)[:MESSAGE_LENGTH] or None


def _expiry(tools: Tools, execution: Execution, counts: Counts) -> Termination | None:
    """A drill with a time to live: its instances are terminated when it is over."""
    frozen = tools.store.plan(execution.execution_id)
    seconds = parse_plan(frozen.document).drill_ttl_seconds if frozen else None
    if execution.type != DRILL or not seconds or not counts.launched:
        return None
    before = tools.store.termination(execution.execution_id)
    if before and before.status == "TERMINATING":
        return None
    now = tools.clock()
    return Termination(
        execution_id=execution.execution_id,
        revision=before.revision + 1 if before else 1,
        status="SCHEDULED",
        requested_by="drill time to live",
        started_at=stamp(now),
        not_before=stamp(now + timedelta(seconds=seconds)),
    )


def _forget_token(store: Store, execution_id: str) -> None:
    """A token that nobody waits for any more is not kept. Losing this write is no harm."""
    token: TaskToken | None = store.token(execution_id)
    if token and token.token:
        store.save(changed(token, token="", answered_at=token.answered_at or token.stored_at or "ended"))
