"""The end of an execution's instances, carried out by whoever polls: intent first, watched to its end.

Only what a job of ours launched is terminated; what is gone already is done. TerminateRecoveryInstances starts a job of
its own and has no idempotency token either, so the instances of a call are noted before it, and an unanswered call is
looked for among the TERMINATE jobs before it is made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any

from disaster_recovery.drs.answers import TERMINATE, Job, RecoveryInstance
from disaster_recovery.drs.api import IDS_A_CALL, Drs
from disaster_recovery.errors import FateUnknown, LostRace, PermissionDenied, TowpathError
from disaster_recovery.launch.adoption import LOOK_BACK
from disaster_recovery.machine.tools import Tools
from disaster_recovery.records.execution import Execution, Intent, Server
from disaster_recovery.records.history import Termination, event_of
from disaster_recovery.records.record import changed
from disaster_recovery.records.statuses import LaunchStatus
from disaster_recovery.watch.tracking import Tracker
from shared.clock import parse, stamp

SCHEDULED, TERMINATING, TERMINATED, PARTIAL = "SCHEDULED", "TERMINATING", "TERMINATED", "PARTIAL"
#: Calls for one execution before what is left is left for a person. A call takes up to a hundred instances.
MOST_SENDS = 60


def advance(tools: Tools, execution: Execution, termination: Termination) -> bool:
    """One step towards the end. True when it is worth looking again within seconds."""
    if termination.status == SCHEDULED:
        begun = _begin(tools, execution, termination)
        if begun is None:
            return False
        termination = begun
    return _Ending(tools, _current(tools, execution), termination).run()


def _current(tools: Tools, execution: Execution) -> Execution:
    current = tools.store.execution(execution.execution_id)
    if current is None:
        raise LostRace("the execution has expired")
    return current


def _begin(tools: Tools, execution: Execution, termination: Termination) -> Termination | None:
    """A drill's time to live is over: from now on it is a termination like any other."""
    now = tools.clock()
    if termination.not_before and now < parse(termination.not_before):
        return None
    begun = changed(termination, status=TERMINATING, started_at=stamp(now))
    after = changed(execution, updated_at=stamp(now))
    event = event_of(after, "TERMINATION_STARTED", stamp(now), "the drill's time to live is over")
    if not tools.store.transition(after, event, begun):
        raise LostRace("the termination was changed meanwhile")
    return begun


class _Ending:
    def __init__(self, tools: Tools, execution: Execution, termination: Termination) -> None:
        self._tools = tools
        self._store = tools.store
        self._execution = execution
        self._termination = termination

    @cached_property
    def _drs(self) -> Drs:
        return self._tools.drs(self._execution.account.account())

    def run(self) -> bool:
        """What DRS does not tell is unknown: nothing is ended by it."""
        try:
            intents = self._settled_intents()
            ours = self._our_instances(intents)
            alive = [instance for instance in ours if not instance.is_gone]
            jobs = self._live_jobs()
            if not alive and not jobs and not any(intent.job_id is None for intent in intents):
                self._end(TERMINATED, ())
                return False
            self._send_the_rest(alive, jobs)
        except LostRace:
            raise
        except TowpathError:
            self._tools.count("DescribeErrors", 1)
        return self._termination.status is not None

    # --- what there is

    def _settled_intents(self) -> list[Intent]:
        """Intents that have, had or may have a job. One that nobody can find and whose grace is over never had one."""
        tracker = Tracker(self._tools, self._execution)
        tracked = tracker.track(self._store.intents(self._execution.execution_id))
        if tracked.unknown:
            raise TowpathError("DRS did not tell how our jobs stand")
        open_intents = {intent.key for intent in tracked.open()}
        for intent in tracked.open():
            if tracker.is_overdue(intent):
                tracker.refuse(intent, "NEVER_STARTED")
                open_intents.discard(intent.key)
        return [intent for intent in tracked.intents if intent.job_id or intent.key in open_intents]

    def _our_instances(self, intents: Iterable[Intent]) -> list[RecoveryInstance]:
        job_ids = {intent.job_id for intent in intents if intent.job_id}
        server_ids = {server_id for intent in intents for server_id in intent.source_server_ids}
        if not server_ids:
            return []
        found = self._drs.recovery_instances(server_ids=server_ids)
        return [instance for instance in found if instance.job_id in job_ids]

    def _live_jobs(self) -> list[Job]:
        """TERMINATE jobs of ours that run, with the one whose answer was lost."""
        known = list(self._drs.jobs(self._termination.job_ids).values()) if self._termination.job_ids else []
        if self._termination.sending:
            found = self._lost_job()
            if found is not None:
                self._save(job_ids=(*self._termination.job_ids, found.job_id), sending=(), sent_at=None)
                known.append(found)
            elif self._is_overdue():
                self._save(sending=(), sent_at=None)
        return [job for job in known if not job.is_over]

    def _lost_job(self) -> Job | None:
        sent = set(self._termination.sending)
        since = parse(self._termination.sent_at or self._termination.started_at) - LOOK_BACK
        for job in self._drs.jobs_since(since):
            if job.type == TERMINATE and job.job_id not in self._termination.job_ids:
                if {each.recovery_instance_id for each in job.participants} == sent:
                    return job
        return None

    def _is_overdue(self) -> bool:
        sent = parse(self._termination.sent_at or self._termination.started_at)
        return self._tools.clock() - sent >= timedelta(seconds=self._tools.settings.intent_grace_seconds)

    # --- what is done

    def _send_the_rest(self, alive: Sequence[RecoveryInstance], jobs: Sequence[Job]) -> None:
        if self._termination.sending:
            return
        in_jobs = {each.recovery_instance_id for job in jobs for each in job.participants}
        todo = sorted({each.recovery_instance_id for each in alive} - in_jobs)
        if not todo:
            return
        if self._termination.sends >= MOST_SENDS and not jobs:
            self._end(PARTIAL, tuple(todo), "DRS does not terminate them")
            return
        limit = min(self._tools.quotas(self._execution.account.account()).servers_in_a_job, IDS_A_CALL)
        try:
            for start in range(0, len(todo), limit):
                if not self._send(tuple(todo[start : start + limit])):
                    return
        except PermissionDenied as error:
            self._end(PARTIAL, tuple(todo), str(error))

    def _send(self, instance_ids: tuple[str, ...]) -> bool:
        """One call. False when no further one should be made now."""
        termination = self._termination
        self._save(
            sending=instance_ids,
            sent_at=stamp(self._tools.clock()),
            sends=termination.sends + 1,
            instance_ids=tuple(sorted({*termination.instance_ids, *instance_ids})),
        )
        try:
            job = self._drs.terminate(instance_ids)
        except FateUnknown:
            return False
        except PermissionDenied:
            raise
        except TowpathError as error:
            # In a job, over a quota, throttled, or gone meanwhile: what is still there is asked for again.
            self._save(sending=(), sent_at=None, error_message=str(error)[:1000])
            return False
        self._save(sending=(), sent_at=None, job_ids=(*self._termination.job_ids, job.job_id), error_message=None)
        return True

    def _save(self, **changes: Any) -> None:
        self._termination = changed(self._termination, **changes)
        self._store.save_or_lose(self._termination)

    def _end(self, status: str, left: tuple[str, ...], message: str = "") -> None:
        """The last word: servers first, then the termination with the execution and its event."""
        now = stamp(self._tools.clock())
        servers = self._store.servers(self._execution.execution_id)
        gone = [server for server in servers if _was_there(server) and server.recovery_instance_id not in left]
        self._store.save_in_batches([changed(server, launch_status=LaunchStatus.TERMINATED) for server in gone])
        ended = changed(
            self._termination,
            status=None,
            termination_status=status,
            ended_at=now,
            sending=(),
            left=left,
            error_message=message or None,
        )
        after = changed(self._execution, instances_terminated=status == TERMINATED, updated_at=now)
        said = f"{len(gone)} instances are terminated" + (f", {len(left)} are left: {message}" if left else "")
        event = event_of(after, "INSTANCES_TERMINATED", now, said, data={"terminated": len(gone), "left": list(left)})
        if not self._store.transition(after, event, ended):
            raise LostRace("the termination was changed meanwhile")
        self._termination = ended
        self._store.expire(self._execution.execution_id)


def _was_there(server: Server) -> bool:
    return server.launch_status == LaunchStatus.LAUNCHED
