"""A wave that the machine waits for: does it still run, can more of it start, what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property

from disaster_recovery.drs.conflicts import busy_servers
from disaster_recovery.errors import LostRace, NotFound, QuotaUnreadable, TowpathError
from disaster_recovery.launch.chunks import chunks, room
from disaster_recovery.launch.locks import ServerLocks
from disaster_recovery.launch.wave_servers import same_attempt, waiting_servers
from disaster_recovery.machine.tools import Tools
from disaster_recovery.plans.plan import PlanWave, RecoveryPlan, parse_plan
from disaster_recovery.records.execution import Execution, Intent, Server, Wave
from disaster_recovery.records.history import event_of
from disaster_recovery.records.record import changed
from disaster_recovery.records.statuses import SETTLED_SERVERS, ExecutionStatus, IntentState, LaunchStatus
from disaster_recovery.watch.judgement import judge, settled, told, total
from disaster_recovery.watch.tracking import Tracked, Tracker
from shared.clock import parse, stamp

#: After a refusal nothing more is started for so long, twice as long after each further one, up to the most.
COOL_SHARE, MOST_COOL_SHARE = 1 / 4, 5


class WaveWatch:
    """One look at one wave of an execution. `execution` and `wave` are as they were read."""

    def __init__(self, tools: Tools, execution: Execution, wave: Wave, tracker: Tracker, tracked: Tracked) -> None:
        self._tools = tools
        self._store = tools.store
        self._execution = execution
        self._wave = wave
        self._tracker = tracker
        self._tracked = tracked

    @cached_property
    def _servers(self) -> dict[str, Server]:
        servers = self._store.servers(self._wave.execution_id, self._wave.wave_number)
        return {server.source_server_id: server for server in servers}

    @cached_property
    def _plan(self) -> RecoveryPlan:
        frozen = self._store.plan(self._wave.execution_id)
        if frozen is None:
            raise NotFound(f"{self._wave.execution_id} has no plan")
        return parse_plan(frozen.document)

    @property
    def _planned(self) -> PlanWave:
        return self._plan.wave(self._wave.wave_number)

    @cached_property
    def _intents(self) -> list[Intent]:
        """Of this attempt."""
        return [intent for intent in self._tracked.intents if same_attempt(intent, self._wave)]

    @cached_property
    def _stuck(self) -> list[Intent]:
        """Intents that nobody sends any more and that have no job."""
        return [intent for intent in self._intents if self._tracker.is_overdue(intent)]

    @cached_property
    def _waiting(self) -> list[str]:
        return waiting_servers(self._wave, self._servers, self._tracked.intents)

    def _running(self) -> list[Intent]:
        """Open intents of this attempt, and those of earlier ones that servers of the wave still count on."""
        return [
            intent
            for intent in self._tracked.open()
            if intent.wave_number == self._wave.wave_number and intent not in self._stuck and self._counts(intent)
        ]

    def _counts(self, intent: Intent) -> bool:
        if intent.attempt == self._wave.attempt:
            return True
        members = (self._servers.get(server_id) for server_id in intent.source_server_ids)
        return any(
            server and server.attempt == intent.attempt and server.launch_status not in SETTLED_SERVERS
            for server in members
        )

    # --- what it finds

    def is_settled(self) -> bool:
        """True when no job of this attempt runs and none will be started."""
        if self._running():
            return False
        return self._is_out_of_time() or not (self._waiting or self._stuck)

    def may_start_more(self) -> bool:
        """True when servers wait and a job for some of them fits. What cannot be read is no permission."""
        if not (self._waiting or self._stuck) or self._is_cooling():
            return False
        if self._stuck:
            return True
        try:
            return self._has_room()
        except QuotaUnreadable:
            self._tools.count("QuotaUnreadable", 1)
        except LostRace:
            raise
        except TowpathError:
            self._tools.count("DescribeErrors", 1)
        return False

    def note_more(self) -> None:
        """Says that the machine is told to start more, so that it is not told again and again."""
        self._store.save_or_lose(changed(self._wave, more_at=stamp(self._now())))

    def note_launching(self) -> bool:
        """POLLING becomes LAUNCHING with the first server that DRS works on. True when it just did."""
        working = (LaunchStatus.IN_PROGRESS, LaunchStatus.LAUNCHED)
        if self._execution.status != ExecutionStatus.POLLING:
            return False
        if not any(server.launch_status in working for server in self._servers.values()):
            return False
        now = stamp(self._tools.clock())
        after = changed(self._execution, status=ExecutionStatus.LAUNCHING, updated_at=now)
        message = f"servers of wave {self._wave.name} launch"
        event = event_of(after, "WAVE_LAUNCHING", now, message, wave_number=self._wave.wave_number)
        if not self._store.transition(after, event):
            raise LostRace("the execution was changed meanwhile")
        return True

    def settle(self) -> None:
        """Judges the wave and stores what the machine is to be told, in one write with its event."""
        self._give_up_what_waits()
        judged = judge(self._planned, self._servers.values())
        now = stamp(self._tools.clock())
        current = self._store.wave(self._wave.execution_id, self._wave.wave_number)
        if current is None or current.attempt != self._wave.attempt or current.decision:
            raise LostRace("the wave was judged by somebody else")
        wave = settled(current, judged, now)
        others = (each for each in self._store.waves(wave.execution_id) if each.wave_number != wave.wave_number)
        counts = total([wave.counts, *(each.counts for each in others)])
        after = changed(self._execution, counts=counts, updated_at=now)
        message = f"wave {wave.name}: {judged.message}"
        event = event_of(after, "WAVE_SETTLED", now, message, wave_number=wave.wave_number, data=told(judged))
        if not self._store.transition(after, event, wave):
            raise LostRace("the wave was changed while it was judged")

    # --- how it finds it

    def _has_room(self) -> bool:
        account = self._execution.account.account()
        drs = self._tools.drs(account)
        live_jobs = drs.live_jobs(self._tools.clock())
        locks = ServerLocks(self._store, drs, self._tools.clock, self._execution)
        busy = {**busy_servers(live_jobs, self._waiting), **locks.held_by_others(self._waiting)}
        if busy and self._plan.conflict_policy != "WAIT":
            return True
        free = [server_id for server_id in self._waiting if server_id not in busy]
        quotas = self._tools.quotas(account)
        fits = sum(map(len, chunks(free, room(quotas, live_jobs, self._tracked.intents))))
        # A trickle of small jobs would use up the quota of jobs: wait for a full one while others of ours run.
        return fits > 0 and (fits == len(free) or fits >= quotas.servers_in_a_job or not self._running())

    def _is_cooling(self) -> bool:
        """True when a start was tried a moment ago, and no job of ours has ended since and made room."""
        refused = [intent for intent in self._intents if intent.intent_state == IntentState.REFUSED]
        tried = [parse(each) for each in (self._wave.more_at, *(intent.ended_at for intent in refused)) if each]
        if not tried:
            return False
        ended = [intent.ended_at for intent in self._tracked.intents if intent.intent_state == IntentState.ENDED]
        if any(parse(each) >= max(tried) for each in ended if each):
            return False
        grace = self._tools.settings.intent_grace_seconds
        seconds = grace * min(COOL_SHARE * 2 ** min(max(len(refused) - 1, 0), 10), MOST_COOL_SHARE)
        return self._now() < max(tried) + timedelta(seconds=seconds)

    def _is_out_of_time(self) -> bool:
        since = self._wave.attempt_started_at
        if not (self._waiting or self._stuck) or not since:
            return False
        return self._now() >= parse(since) + timedelta(seconds=self._planned.timeout_seconds)

    def _give_up_what_waits(self) -> None:
        """Servers that did not get a job in the wave's time have failed."""
        for intent in self._stuck:
            self._tracker.refuse(intent, "OUT_OF_TIME")
        waiting = {*self._waiting, *(each for intent in self._stuck for each in intent.source_server_ids)}
        if not waiting:
            return
        message = f"no job could be started within {self._planned.timeout_seconds} seconds"
        failed = {
            server_id: changed(self._servers[server_id], launch_status=LaunchStatus.FAILED, error_message=message)
            for server_id in sorted(waiting)
        }
        self._store.save_in_batches(list(failed.values()))
        self._servers.update(failed)

    def _now(self) -> datetime:
        return self._tools.clock()
