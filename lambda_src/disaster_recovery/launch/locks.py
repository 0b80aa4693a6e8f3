"""Locks of servers: two executions cannot both start one. Held from before the call to DRS until its job is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from disaster_recovery.drs.api import Drs
from disaster_recovery.records.execution import Execution, Intent
from disaster_recovery.records.history import OWN, Lock, server_lock
from disaster_recovery.records.statuses import OPEN_INTENTS, TERMINAL_STATUSES
from disaster_recovery.records.store import Store
from shared.clock import Clock, stamp


class ServerLocks:
    """The locks of one execution's servers."""

    def __init__(self, store: Store, drs: Drs, clock: Clock, execution: Execution) -> None:
        self._store = store
        self._drs = drs
        self._clock = clock
        account = execution.account
        #: Without a role to assume it can only be our own account, whether the plan names it or not.
        self._account_id = account.account_id if account.role_arn else OWN
        self._region = account.region or drs.region
        self._execution_id = execution.execution_id

    def key(self, server_id: str) -> str:
        """Key of the lock of a server in the execution's account and Region."""
        return server_lock(self._account_id, self._region, server_id)

    def held_by_others(self, server_ids: Iterable[str]) -> dict[str, str]:
        """Server id → owner, for servers that somebody else holds; locks of the dead do not count."""
        keys = {self.key(server_id): server_id for server_id in server_ids}
        found = {keys[key]: lock for key, lock in self._store.locks(keys).items() if lock.owner}
        dead = self._dead_owners(found)
        return {server_id: str(lock.owner) for server_id, lock in found.items() if lock.owner not in dead}

    def acquire(self, intent: Intent) -> dict[str, str]:
        """All servers of an intent or none: those in the way with their owners, empty when all are ours."""
        keys = {self.key(server_id): server_id for server_id in intent.source_server_ids}
        dead: set[str] = set()
        while True:
            in_the_way = self._store.acquire(
                list(keys),
                owner=intent.owner,
                holder=self._execution_id,
                locked_at=stamp(self._clock()),
                take_from=dead,
            )
            found = self._dead_owners({keys[key]: lock for key, lock in in_the_way.items()}) - dead
            if not found:
                return {keys[key]: str(lock.owner) for key, lock in in_the_way.items()}
            dead |= found

    def note_job(self, intent: Intent) -> None:
        """Says in the locks which job they are held for."""
        self._store.note_job(
            [self.key(server_id) for server_id in intent.source_server_ids],
            owner=intent.owner,
            job_id=intent.job_id or "",
        )

    def release(self, intent: Intent) -> None:
        """Gives them back; what others hold meanwhile is left alone."""
        self._store.release([self.key(server_id) for server_id in intent.source_server_ids], owner=intent.owner)

    def _dead_owners(self, locks: Mapping[str, Lock]) -> set[str]:
        """Owners whose job is over or was never started, so that nobody will come back to release their locks."""
        holders = {str(lock.owner): str(lock.holder) for lock in locks.values() if lock.owner}
        dead = set()
        for owner, holder in holders.items():
            intent = next((each for each in self._store.intents(holder) if each.owner == owner), None)
            if intent is None or intent.intent_state not in OPEN_INTENTS:
                dead.add(owner)
            elif holder != self._execution_id and self._has_ended(holder) and self._is_over(intent):
                dead.add(owner)
        return dead

    def _has_ended(self, execution_id: str) -> bool:
        execution = self._store.execution(execution_id)
        return execution is None or execution.status in TERMINAL_STATUSES

    def _is_over(self, intent: Intent) -> bool:
        if intent.job_id is None:
            return True
        job = self._drs.jobs([intent.job_id]).get(intent.job_id)
        return job is None or job.is_over
