"""Following the jobs of an execution: one DescribeJobs for all that run, and only what has changed is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from disaster_recovery.drs.answers import Job, LogEntry
from disaster_recovery.drs.api import Drs
from disaster_recovery.errors import LostRace, TowpathError
from disaster_recovery.launch import adoption
from disaster_recovery.launch.locks import ServerLocks
from disaster_recovery.machine.tools import Tools
from disaster_recovery.records.execution import Execution, Intent, Server, Wave
from disaster_recovery.records.record import Record, changed
from disaster_recovery.records.statuses import OPEN_INTENTS, IntentState
from disaster_recovery.watch.judgement import count
from disaster_recovery.watch.reconciling import Found, Look, has_failures, needs_instances, reconcile
from disaster_recovery.watch.server_truth import Truth
from shared.clock import parse, stamp


@dataclass(frozen=True)
class Tracked:
    """The intents as they are now. `quick`: worth looking again within seconds; `unknown`: DRS did not tell."""

    intents: tuple[Intent, ...]
    quick: bool = False
    unknown: bool = False

    def open(self) -> list[Intent]:
        """Intents that have a job which runs, or may have one."""
        return [intent for intent in self.intents if intent.intent_state in OPEN_INTENTS]


class Tracker:
    """The jobs of one execution. Writes raise LostRace when another poll was faster; the caller reads again."""

    def __init__(self, tools: Tools, execution: Execution) -> None:
        self._tools = tools
        self._store = tools.store
        self._execution = execution
        self._execution_id = execution.execution_id

    @cached_property
    def _drs(self) -> Drs:
        """Made when it is needed: another account's role that cannot be assumed is one more kind of unknown."""
        return self._tools.drs(self._execution.account.account())

    @cached_property
    def _locks(self) -> ServerLocks:
        return ServerLocks(self._store, self._drs, self._tools.clock, self._execution)

    def track(self, intents: Sequence[Intent]) -> Tracked:
        """Adopts, reads, reconciles and saves. A describe error is "unknown": nothing changes but a counter."""
        try:
            adopted = self._adopt(intents)
            started = [intent for intent in adopted if intent.intent_state == IntentState.STARTED]
            if not started:
                return Tracked(tuple(adopted), quick=_any_unanswered(adopted))
            jobs = self._drs.jobs(intent.job_id for intent in started if intent.job_id)
            truth = self._complete(started, jobs)
        except TowpathError as error:
            if isinstance(error, LostRace):
                raise
            self._tools.count("DescribeErrors", 1)
            self._note_unknown(intents)
            return Tracked(tuple(intents), unknown=True)
        servers = self._servers(started)
        found = reconcile(started, servers, truth, self._look())
        self._save(found, servers)
        now = {intent.key: intent for intent in found.intents}
        after = tuple(now.get(intent.key, intent) for intent in adopted)
        return Tracked(after, quick=found.quick or _any_unanswered(after))

    def refuse(self, intent: Intent, reason: str) -> Intent:
        """Gives up an intent that has no job and must not get one."""
        self._locks.release(intent)
        now = stamp(self._tools.clock())
        refused = changed(intent, intent_state=IntentState.REFUSED, reason=reason, ended_at=now)
        self._store.save_or_lose(refused)
        return refused

    def is_overdue(self, intent: Intent) -> bool:
        """True for an intent that no worker sends any more, and whose job DRS would show if there were one."""
        if intent.intent_state not in (IntentState.PLANNED, IntentState.SENT):
            return False
        since = parse(intent.sent_at or intent.created_at)
        return (self._tools.clock() - since).total_seconds() >= self._tools.settings.intent_grace_seconds

    def _adopt(self, intents: Sequence[Intent]) -> list[Intent]:
        return [self._adopted(intent) if intent.intent_state == IntentState.SENT else intent for intent in intents]

    def _adopted(self, intent: Intent) -> Intent:
        job = adoption.adopt(self._drs, intent)
        if job is None:
            return intent
        started = changed(intent, intent_state=IntentState.STARTED, job_id=job.job_id, job_status=job.status)
        self._store.save_or_lose(started)
        self._locks.note_job(started)
        return started

    def _complete(self, intents: Sequence[Intent], jobs: Mapping[str, Job]) -> Truth:
        """The jobs with what only instances and logs tell, asked for when a job is over or does not show."""
        look = self._look()
        asked = [intent for intent in intents if needs_instances(intent, jobs.get(intent.job_id or ""), look)]
        if not asked:
            return Truth(jobs)
        found = self._drs.recovery_instances(server_ids={each for intent in asked for each in intent.source_server_ids})
        instances = {(instance.job_id, instance.source_server_id): instance for instance in found}
        return Truth(jobs, instances, self._logs(asked, jobs))

    def _look(self) -> Look:
        return Look(self._tools.clock(), self._tools.settings.intent_grace_seconds)

    def _logs(self, intents: Iterable[Intent], jobs: Mapping[str, Job]) -> dict[str, list[LogEntry]]:
        """Logs of jobs that failed in part. They only make messages better: what cannot be read is left out."""
        logs = {}
        for intent in intents:
            job = jobs.get(intent.job_id or "")
            if job is not None and has_failures(job):
                try:
                    logs[job.job_id] = self._drs.job_log(job.job_id)
                except TowpathError:
                    self._tools.count("DescribeErrors", 1)
        return logs

    def _servers(self, intents: Iterable[Intent]) -> dict[str, Server]:
        numbers = sorted({intent.wave_number for intent in intents})
        servers = [server for number in numbers for server in self._store.servers(self._execution_id, number)]
        return {server.source_server_id: server for server in servers}

    def _save(self, found: Found, before: Mapping[str, Server]) -> None:
        """Servers first, the wave and the intents last: a poll that dies in between is made again by the next."""
        now = {**before, **{server.source_server_id: server for server in found.servers}}
        waves = self._counted({server.wave_number for server in found.servers}, now)
        self._store.save_in_batches(found.servers)
        for intent in found.intents:
            if intent.intent_state == IntentState.ENDED:
                self._locks.release(intent)
        records: list[Record] = [*waves, *found.intents]
        self._store.save_in_batches(records)

    def _counted(self, numbers: Iterable[int], servers: Mapping[str, Server]) -> list[Wave]:
        waves = []
        for number in sorted(numbers):
            wave = self._store.wave(self._execution_id, number)
            members = [server for server in servers.values() if server.wave_number == number]
            launches = [server.launched_at for server in members if server.launched_at]
            if wave is not None:
                last = max(launches, default=None)
                waves.append(changed(wave, counts=count(members), last_launch_at=last))
        return waves

    def _note_unknown(self, intents: Sequence[Intent]) -> None:
        numbers = {intent.wave_number for intent in intents if intent.intent_state in OPEN_INTENTS}
        for number in sorted(numbers):
            wave = self._store.wave(self._execution_id, number)
            if wave is not None:
                self._store.save_or_lose(changed(wave, unknown_polls=wave.unknown_polls + 1))


def _any_unanswered(intents: Iterable[Intent]) -> bool:
    return any(intent.intent_state == IntentState.SENT for intent in intents)
