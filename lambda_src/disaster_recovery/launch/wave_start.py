"""Starting a wave: as many of its servers as quotas and locks allow, each chunk an intent before it is a call.

May be called any number of times, by any number of workers: an intent goes from PLANNED to SENT once, in a write that
also fails when the execution has been cancelled. What was sent and not answered is looked for, and sent again only when
DRS shows no job for it after a grace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from disaster_recovery.drs.api import Drs
from disaster_recovery.drs.conflicts import busy_servers
from disaster_recovery.drs.quotas import Quotas
from disaster_recovery.errors import ExecutionCancelled, LostRace, NotFound, QuotaUnreadable, TowpathError
from disaster_recovery.launch import adoption
from disaster_recovery.launch.chunks import chunks, room
from disaster_recovery.launch.intent_sending import IntentSender, Sent
from disaster_recovery.launch.locks import ServerLocks
from disaster_recovery.launch.wave_servers import in_job, same_attempt, waiting_servers
from disaster_recovery.plans.plan import RecoveryPlan, parse_plan
from disaster_recovery.records.execution import Execution, Intent, Server, Wave
from disaster_recovery.records.history import Watch, event_of
from disaster_recovery.records.record import changed
from disaster_recovery.records.statuses import (
    WATCHING,
    ExecutionStatus,
    IntentState,
    LaunchStatus,
    WaveStatus,
)
from disaster_recovery.records.store import Store
from shared.clock import Clock, parse, stamp

FRESH = (WaveStatus.PENDING, WaveStatus.PRE_ACTIONS)
UNDER_WAY = (WaveStatus.STARTING, WaveStatus.LAUNCHING)
ROUNDS = 4
RACES = 5
DEFAULT_GRACE_SECONDS = 60

Count = Callable[[str, float], None]


def ignore(_name: str, _value: float) -> None:
    """Counts nothing."""


@dataclass
class WaveStart:
    """One start of one wave. `quotas` is asked once and may raise QuotaUnreadable; `count` emits metrics."""

    store: Store
    drs: Drs
    quotas: Callable[[], Quotas]
    clock: Clock
    execution_id: str
    wave_number: int
    grace_seconds: int = DEFAULT_GRACE_SECONDS
    count: Count = ignore
    _limits: Quotas | None = field(default=None, init=False)

    def run(self) -> dict[str, int]:
        """`{"started": servers in jobs, "waiting": servers without}`.

        Raises ExecutionCancelled, NotFound, and LostRace when others keep on writing.
        """
        for _ in range(RACES):
            try:
                return self._run()
            except LostRace:
                continue
        raise LostRace(f"wave {self.wave_number} of {self.execution_id} is written by others all the time")

    def _run(self) -> dict[str, int]:
        execution, wave = self._begin()
        if wave.wave_status in UNDER_WAY:
            try:
                sender = IntentSender(self.store, self.drs, self.clock, execution)
                self._settle_open_intents(sender)
                for _ in range(ROUNDS):
                    if not self._start_some(execution, wave, sender):
                        break
            except QuotaUnreadable:
                self.count("QuotaUnreadable", 1)
            except (ExecutionCancelled, LostRace):
                raise
            except TowpathError:
                # What DRS did not tell is unknown: what has no job waits, and the poller asks again.
                self.count("DescribeErrors", 1)
            self._go_on(wave)
        servers, intents = self._servers(), self._intents()
        waiting = waiting_servers(wave, servers, intents)
        started = {server_id for intent in intents for server_id in in_job(intent, wave)}
        return {"started": len(started), "waiting": len(waiting)}

    # --- records

    def _begin(self) -> tuple[Execution, Wave]:
        execution, wave = self._execution(), self._wave()
        if wave.wave_status not in (*FRESH, *UNDER_WAY):
            # It was judged already: this is a worker that comes late.
            return execution, wave
        now = stamp(self.clock())
        fresh = wave.wave_status in FRESH
        if not fresh and wave.decision is None and execution.current_wave == self.wave_number:
            return execution, wave
        wave = changed(
            wave,
            wave_status=WaveStatus.STARTING if fresh else wave.wave_status,
            started_at=wave.started_at or now,
            attempt_started_at=now if fresh else wave.attempt_started_at,
            decision=None,
        )
        if not fresh:
            self.store.save_or_lose(wave)
            return execution, wave
        execution = changed(
            execution, status=ExecutionStatus.POLLING, current_wave=self.wave_number, updated_at=now, pause=None
        )
        message = f"wave {wave.name} starts" + (f", attempt {wave.attempt}" if wave.attempt > 1 else "")
        event = event_of(execution, "WAVE_STARTED", now, message, wave_number=wave.wave_number)
        if not self.store.transition(execution, event, wave, *self._watched(now)):
            raise LostRace("the wave was changed while it began")
        return execution, wave

    def _watched(self, now: str) -> list[Watch]:
        """From now on there may be jobs, and somebody looks after them to their end."""
        watch = self.store.watch(self.execution_id) or Watch(execution_id=self.execution_id, revision=0)
        return [] if watch.status else [changed(watch, status=WATCHING, started_at=now)]

    def _go_on(self, wave: Wave) -> None:
        """Everything that can start has been asked for: from here on the poller watches."""
        if wave.wave_status == WaveStatus.STARTING:
            self.store.save_or_lose(changed(wave, wave_status=WaveStatus.LAUNCHING))

    def _execution(self) -> Execution:
        execution = self.store.execution(self.execution_id)
        if execution is None:
            raise NotFound(f"there is no execution {self.execution_id}")
        if execution.cancel_requested:
            raise ExecutionCancelled(f"cancelled by {execution.cancel_requested.by}")
        return execution

    def _wave(self) -> Wave:
        wave = self.store.wave(self.execution_id, self.wave_number)
        if wave is None:
            raise NotFound(f"{self.execution_id} has no wave {self.wave_number}")
        return wave

    def _servers(self) -> dict[str, Server]:
        servers = self.store.servers(self.execution_id, self.wave_number)
        return {server.source_server_id: server for server in servers}

    def _intents(self) -> list[Intent]:
        return self.store.intents(self.execution_id)

    def _plan(self) -> RecoveryPlan:
        frozen = self.store.plan(self.execution_id)
        if frozen is None:
            raise NotFound(f"{self.execution_id} has no plan")
        return parse_plan(frozen.document)

    # --- starting

    def _settle_open_intents(self, sender: IntentSender) -> None:
        """Takes up what an earlier worker left: planned but not sent, or sent without an answer."""
        for intent in self._intents():
            if intent.wave_number != self.wave_number:
                continue
            if intent.intent_state == IntentState.PLANNED:
                sender.send(intent, self._servers())
            elif intent.intent_state == IntentState.SENT:
                job = adoption.adopt(self.drs, intent)
                if job is not None:
                    sender.started(intent, job)
                elif self._grace_is_over(intent):
                    sender.send(intent, self._servers())

    def _grace_is_over(self, intent: Intent) -> bool:
        sent = parse(intent.sent_at or intent.created_at)
        return (self.clock() - sent).total_seconds() >= self.grace_seconds

    def _start_some(self, execution: Execution, wave: Wave, sender: IntentSender) -> bool:
        """Sends what fits. True when it is worth looking again: something was in the way that the policy settled."""
        intents, servers = self._intents(), self._servers()
        waiting = waiting_servers(wave, servers, intents)
        if not waiting:
            return False
        live_jobs = self.drs.live_jobs(self.clock())
        locks = ServerLocks(self.store, self.drs, self.clock, execution)
        refused = {server_id: sender.held[server_id] for server_id in waiting if server_id in sender.held}
        busy = {**refused, **busy_servers(live_jobs, waiting), **locks.held_by_others(waiting)}
        if busy and self._apply_conflict_policy(busy, servers):
            return True
        free = [server_id for server_id in waiting if server_id not in busy and server_id not in sender.suspected]
        chunk = max((each.chunk for each in intents if same_attempt(each, wave)), default=0)
        again = False
        for server_ids in chunks(free, room(self._quotas(), live_jobs, intents)):
            chunk += 1
            intent = Intent(
                execution_id=self.execution_id,
                wave_number=self.wave_number,
                attempt=wave.attempt,
                chunk=chunk,
                source_server_ids=server_ids,
                created_at=stamp(self.clock()),
            )
            self.store.save_or_lose(intent)
            sent = sender.send(intent, servers)
            if sent is Sent.LATER:
                return False
            again = again or sent is Sent.LOOK_AGAIN
        return again

    def _quotas(self) -> Quotas:
        if self._limits is None:
            self._limits = self.quotas()
        return self._limits

    def _apply_conflict_policy(self, busy: Mapping[str, str], servers: Mapping[str, Server]) -> bool:
        """Skips or fails servers that others hold, if the plan says so. True when that changed anything."""
        status = {"SKIP": LaunchStatus.SKIPPED, "FAIL": LaunchStatus.FAILED}.get(self._plan().conflict_policy)
        if status is None:
            return False
        self.store.save_in_batches(
            [
                changed(servers[server_id], launch_status=status, error_message=f"held by {owner}")
                for server_id, owner in busy.items()
            ]
        )
        return True


def start_wave(  # noqa: PLR0913, PLR0917  (all that a start needs from outside)
    store: Store,
    drs: Drs,
    quotas: Callable[[], Quotas],
    clock: Clock,
    execution_id: str,
    wave_number: int,
    *,
    grace_seconds: int = DEFAULT_GRACE_SECONDS,
    count: Count = ignore,
) -> dict[str, int]:
    """Starts what can be started of a wave. See WaveStart."""
    return WaveStart(store, drs, quotas, clock, execution_id, wave_number, grace_seconds, count).run()
