"""The end of an execution: what was not settled is settled, the status is what really launched. May be repeated."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from disaster_recovery.plans.plan import parse_plan
from disaster_recovery.records.execution import DRILL, Execution, Server, Wave
from disaster_recovery.records.history import Termination, plan_lock
from disaster_recovery.records.record import Record, changed
from disaster_recovery.records.statuses import (
    ENDED_WAVES,
    TERMINAL_STATUSES,
    ExecutionStatus,
    LaunchStatus,
    WaveStatus,
)
from disaster_recovery.records.store import Store
from disaster_recovery.records.transitions import Step, known, step
from disaster_recovery.watch.judgement import count
from shared.clock import Clock, stamp
from shared.errors import code_of

ENDED, CANCELLED, ERROR = "ENDED", "CANCELLED", "ERROR"
MESSAGE_LENGTH = 1000


@dataclass(frozen=True)
class Finisher:
    """Gives executions their last status. `count` emits metrics."""

    store: Store
    clock: Clock
    count: Callable[[str, float], None]

    def __call__(self, execution_id: str, outcome: str, error: str = "", cause: str = "") -> dict[str, Any]:
        """{"status": COMPLETED | PARTIAL | FAILED | CANCELLED}; may be repeated.

        `outcome` is ENDED, CANCELLED, or ERROR with the error's name and cause. Raises NotFound, LostRace.
        """
        execution = known(self.store, execution_id)
        if execution.status not in TERMINAL_STATUSES:
            self._settle_waves(execution, outcome)
            execution = step(
                self.store, self.clock, execution_id, lambda now: self._end(now, outcome, error or "none", cause)
            )
            self.count(f"ExecutionsEnded{execution.status.title()}", 1)
        self.store.release([plan_lock(execution.plan_id)], owner=execution_id)
        self._forget_token(execution_id)
        self.store.expire(execution_id)
        return {"status": str(execution.status)}

    def _settle_waves(self, execution: Execution, outcome: str) -> None:
        """Waves that were not run are SKIPPED, or CANCELLED; one that was under way ends as far as it came."""
        for wave in self.store.waves(execution.execution_id):
            if wave.wave_status in ENDED_WAVES:
                continue
            servers = self.store.servers(execution.execution_id, wave.wave_number)
            left = [server for server in servers if server.launch_status == LaunchStatus.PENDING]
            self.store.save_in_batches([changed(server, launch_status=LaunchStatus.SKIPPED) for server in left])
            ended = changed(
                wave,
                wave_status=_wave_status(wave, outcome),
                counts=count(servers),
                ended_at=stamp(self.clock()),
            )
            self.store.save_or_lose(ended)

    def _end(self, execution: Execution, outcome: str, error: str, cause: str) -> Step | None:
        if execution.status in TERMINAL_STATUSES:
            return None
        servers = self.store.servers(execution.execution_id)
        waves = self.store.waves(execution.execution_id)
        counts = count(servers)
        status = status_of(outcome, waves, sum(1 for server in servers if server.launched_at))
        now = self.clock()
        changes: dict[str, Any] = {"status": status, "ended_at": stamp(now), "counts": counts}
        changes |= {"pause": None, "pause_requested": None}
        if outcome == ERROR and status != ExecutionStatus.COMPLETED:
            changes |= {"failure_reason": code_of(error), "error_message": _message(cause)}
        others: list[Record] = []
        expiry = self._expiry(execution, servers)
        if expiry:
            changes["drill_expires_at"] = expiry.not_before
            others.append(expiry)
        message = f"{status}: {counts.launched} of {counts.servers} servers launched, {counts.failed} failed"
        data = {"status": status, "launched": counts.launched, "failed": counts.failed, "servers": counts.servers}
        if outcome == ERROR:
            data["error"] = error
        return Step("EXECUTION_ENDED", message, changes, data=data, others=others)

    def _expiry(self, execution: Execution, servers: Sequence[Server]) -> Termination | None:
        """A drill with a time to live: its instances are terminated when it is over."""
        frozen = self.store.plan(execution.execution_id)
        seconds = parse_plan(frozen.document).drill_ttl_seconds if frozen else None
        if execution.type != DRILL or not seconds or not any(server.job_id for server in servers):
            return None
        before = self.store.termination(execution.execution_id)
        if before and before.status == "TERMINATING":
            return None
        now = self.clock()
        return Termination(
            execution_id=execution.execution_id,
            revision=before.revision + 1 if before else 1,
            status="SCHEDULED",
            requested_by="drill time to live",
            started_at=stamp(now),
            not_before=stamp(now + timedelta(seconds=seconds)),
        )

    def _forget_token(self, execution_id: str) -> None:
        """A token that nobody waits for any more is not kept. Losing this write is no harm."""
        token = self.store.token(execution_id)
        if token and token.token:
            self.store.save(changed(token, token="", answered_at=token.answered_at or stamp(self.clock())))


def status_of(outcome: str, waves: Sequence[Wave], launched: int) -> str:
    """What an execution with these waves has come to; `launched` counts servers.

    FAILED: nothing launched, and a wave or a server failed or something broke. Nothing launched and nothing failed (all
    left out) is PARTIAL, as is everything in between.
    """
    if outcome == CANCELLED:
        return ExecutionStatus.CANCELLED
    if all(wave.wave_status == WaveStatus.COMPLETED for wave in waves):
        return ExecutionStatus.COMPLETED
    failed = any(wave.wave_status == WaveStatus.FAILED or wave.counts.failed for wave in waves)
    broken = failed or outcome == ERROR
    return ExecutionStatus.FAILED if broken and not launched else ExecutionStatus.PARTIAL


def _wave_status(wave: Wave, outcome: str) -> str:
    if wave.outcome:
        return wave.outcome
    if outcome == CANCELLED:
        return WaveStatus.CANCELLED
    return WaveStatus.SKIPPED if wave.wave_status == WaveStatus.PENDING else WaveStatus.FAILED


def _message(cause: str) -> str | None:
    """What a person needs of a cause: of a function's error only its message, not the stack."""
    try:
        told = json.loads(cause)
    except ValueError:
        told = None
    text = told.get("errorMessage", cause) if isinstance(told, dict) else cause
    return str(text)[:MESSAGE_LENGTH] or None
