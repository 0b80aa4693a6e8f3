"""One intent becomes one call of StartRecovery, and its answer a record."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

from disaster_recovery.drs.answers import Job
from disaster_recovery.drs.api import Drs
from disaster_recovery.errors import (
    FateUnknown,
    LostRace,
    NotFound,
    QuotaExceeded,
    ServerConflict,
    TowpathError,
    ValidationFailed,
)
from disaster_recovery.launch import adoption
from disaster_recovery.launch.locks import ServerLocks
from disaster_recovery.records.execution import RECOVERY, Execution, Intent, Server
from disaster_recovery.records.record import changed
from disaster_recovery.records.statuses import IntentState, LaunchStatus
from disaster_recovery.records.store import Store
from shared.clock import Clock, stamp


class Sent(Enum):
    """What came of an intent."""

    STARTED = auto()  # there is a job
    UNKNOWN = auto()  # nobody knows yet
    LOOK_AGAIN = auto()  # refused for reasons that lie in some of its servers: the others may start
    LATER = auto()  # refused for reasons that lie in the account: nothing more starts now
    FAILED = auto()  # refused for good


class IntentSender:
    """Sends intents of one execution. The execution must be as it was read, or nothing is sent."""

    def __init__(self, store: Store, drs: Drs, clock: Clock, execution: Execution) -> None:
        self._store = store
        self._drs = drs
        self._clock = clock
        self._execution = execution
        self._locks = ServerLocks(store, drs, clock, execution)
        #: Servers that DRS said are in a job, by what it said.
        self.held: dict[str, str] = {}
        #: Servers of calls that were refused for one of them, DRS did not say which.
        self.suspected: set[str] = set()

    def send(self, intent: Intent, servers: Mapping[str, Server]) -> Sent:
        """Locks, marks the intent SENT and calls. Raises LostRace when somebody else was faster."""
        if self._locks.acquire(intent):
            self._refuse(intent, "LOCKED")
            return Sent.LOOK_AGAIN
        intent = changed(
            intent, intent_state=IntentState.SENT, sent_at=stamp(self._clock()), sends=intent.sends + 1, reason=None
        )
        self._store.save_or_lose(intent, unchanged=[self._execution])
        try:
            job = self._drs.start_recovery(
                [(server_id, _snapshot(servers, server_id)) for server_id in intent.source_server_ids],
                is_drill=self._execution.type != RECOVERY,
                tags=adoption.tags_of(intent),
            )
        except FateUnknown:
            return self._look_for(intent) or Sent.UNKNOWN
        except ServerConflict as error:
            # Our own job, if an earlier call was carried out after all; somebody else's otherwise.
            return self._look_for(intent) or self._refused_for_a_conflict(intent, error)
        except QuotaExceeded as error:
            return self._refuse(intent, error.quota_code or error.code, Sent.LATER)
        except TowpathError as error:
            return self._refused_otherwise(intent, servers, error)
        return self.started(intent, job)

    def started(self, intent: Intent, job: Job) -> Sent:
        """The intent has this job: answered, or adopted."""
        intent = changed(intent, intent_state=IntentState.STARTED, job_id=job.job_id, job_status=job.status)
        self._store.save_or_lose(intent)
        self._locks.note_job(intent)
        return Sent.STARTED

    def _look_for(self, intent: Intent) -> Sent | None:
        job = adoption.adopt(self._drs, intent)
        return self.started(intent, job) if job else None

    def _refuse(self, intent: Intent, reason: str, sent: Sent = Sent.LOOK_AGAIN) -> Sent:
        self._locks.release(intent)
        self._store.save_or_lose(
            changed(intent, intent_state=IntentState.REFUSED, reason=reason, ended_at=stamp(self._clock()))
        )
        return sent

    def _refused_for_a_conflict(self, intent: Intent, error: ServerConflict) -> Sent:
        if error.resource_id in intent.source_server_ids:
            self.held[error.resource_id] = "a job that DRS does not name"
        else:
            self.suspected.update(intent.source_server_ids)
        return self._refuse(intent, "CONFLICT")

    def _refused_otherwise(self, intent: Intent, servers: Mapping[str, Server], error: TowpathError) -> Sent:
        """A refusal that time may mend makes the servers wait; one that it will not makes them FAILED."""
        self._refuse(intent, error.code)
        if error.retriable:
            return Sent.LATER
        failed = intent.source_server_ids
        if isinstance(error, NotFound | ValidationFailed):
            known = {server.source_server_id for server in self._drs.source_servers(intent.source_server_ids)}
            failed = tuple(server_id for server_id in failed if server_id not in known) or failed
        self._store.save_in_batches(
            [
                changed(servers[server_id], launch_status=LaunchStatus.FAILED, error_message=str(error)[:1000])
                for server_id in failed
            ]
        )
        return Sent.FAILED if failed == intent.source_server_ids else Sent.LOOK_AGAIN


def _snapshot(servers: Mapping[str, Server], server_id: str) -> str | None:
    server = servers.get(server_id)
    if server is None:
        raise LostRace(f"{server_id} is not in the wave any more")
    return server.recovery_snapshot_id
