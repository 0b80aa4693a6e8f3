"""Reads and writes of executions, the same over DynamoDB and over a file.

A store brings four primitives (read, query, write, by_status); everything else is written once, here.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from disaster_recovery.errors import LostRace
from disaster_recovery.records.execution import Action, Execution, FrozenPlan, Intent, Server, Wave
from disaster_recovery.records.history import Claimed, Event, Lock, Outbox, TaskToken, Termination, Watch
from disaster_recovery.records.record import Key, Record, changed
from shared.record_store import RecordStore
from shared.records import MAX_WRITES, Cursor, Index, Page

RACES = 3
STATUS_INDEX = Index("StatusIndex", "status", "startedAt")
#: Items have executionId, record, status, startedAt, planId, planName, type, endedAt, currentWave, waveCount and
#: updatedAt as far as they have them.
StatusPage = Page

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class View:
    """An execution with its token, termination, outbox and watch as far as they exist."""

    execution: Execution
    token: TaskToken | None
    termination: Termination | None
    outbox: Outbox | None
    watch: Watch | None


class Store(RecordStore):
    """The table execution-history."""

    @abstractmethod
    def by_status(
        self, status: str, *, limit: int = 100, cursor: Cursor | None = None, newest_first: bool = True
    ) -> StatusPage:
        """A page of executions and terminations in a status, by startedAt. Raises ValueError for a foreign cursor."""

    def expire(self, execution_id: str) -> bool:
        """Lets the records of an execution that is over expire; False where records are kept for good. May be repeated.

        Nothing of an execution expires before: it may wait for a person for longer than records are kept.
        """
        return False

    # --- reads

    def view(self, execution_id: str) -> View | None:
        """The execution and what is kept beside it, in one call; None when there is none."""
        kinds: tuple[type[Record], ...] = (Execution, TaskToken, Termination, Outbox, Watch)
        names = ("EXECUTION", "TOKEN", "TERMINATION#01", "OUTBOX", "WATCH")
        keys = [Key(execution_id, name) for name in names]
        found = self.read(keys)
        parts: list[Any] = [
            kind.from_item(found[key]) if key in found else None for kind, key in zip(kinds, keys, strict=True)
        ]
        return View(*parts) if parts[0] else None

    def execution(self, execution_id: str) -> Execution | None:
        """The execution, or None."""
        return self._one(Execution, Key(execution_id, "EXECUTION"))

    def plan(self, execution_id: str) -> FrozenPlan | None:
        """The plan it was started with."""
        return self._one(FrozenPlan, Key(execution_id, "PLAN"))

    def token(self, execution_id: str) -> TaskToken | None:
        """What the machine waits for."""
        return self._one(TaskToken, Key(execution_id, "TOKEN"))

    def termination(self, execution_id: str) -> Termination | None:
        """The end of its instances."""
        return self._one(Termination, Key(execution_id, "TERMINATION#01"))

    def outbox(self, execution_id: str) -> Outbox | None:
        """How far it was notified."""
        return self._one(Outbox, Key(execution_id, "OUTBOX"))

    def watch(self, execution_id: str) -> Watch | None:
        """Whether jobs of it may run."""
        return self._one(Watch, Key(execution_id, "WATCH"))

    def wave(self, execution_id: str, wave_number: int) -> Wave | None:
        """One wave."""
        return self._one(Wave, Key(execution_id, f"WAVE#{wave_number:03d}"))

    def waves(self, execution_id: str) -> list[Wave]:
        """All waves in their order."""
        return self._all(Wave, execution_id, "WAVE#")

    def servers(self, execution_id: str, wave_number: int | None = None) -> list[Server]:
        """The servers of a wave, or of all."""
        return self._all(Server, execution_id, _of_wave("SERVER#", wave_number))

    def intents(self, execution_id: str, wave_number: int | None = None) -> list[Intent]:
        """The intents of a wave, or of all."""
        return self._all(Intent, execution_id, _of_wave("INTENT#", wave_number))

    def actions(self, execution_id: str, wave_number: int | None = None, phase: str | None = None) -> list[Action]:
        """The actions of a wave (and phase PRE or POST), or of all."""
        return self._all(Action, execution_id, _of_wave("ACTION#", wave_number) + (f"{phase}#" if phase else ""))

    def events(self, execution_id: str, after: int = 0) -> list[Event]:
        """The timeline, oldest first, from the number after."""
        items = self.query(execution_id, "EVENT#", f"EVENT#{after:06d}")
        return [Event.from_item(item) for item in items]

    def locks(self, keys: Iterable[str]) -> dict[str, Lock]:
        """The locks that exist, held or not, by key."""
        found = self.read([Key(key, "LOCK") for key in keys])
        return {key.partition: Lock.from_item(item) for key, item in found.items()}

    # --- writes

    def save_in_batches(self, records: Sequence[Record]) -> None:
        """Any number of records, a hundred at a time. Raises LostRace at the first batch that loses."""
        for start in range(0, len(records), MAX_WRITES):
            self.save_or_lose(*records[start : start + MAX_WRITES])

    def transition(self, execution: Execution, event: Event, *others: Record) -> bool:
        """The new revision of an execution, the event that tells of it, and what changes with it (up to 98 records)."""
        if event.number != execution.revision:
            raise ValueError("an event bears the revision of the execution it is written with")
        return self.write([execution, event, *others])

    def create(
        self, execution: Execution, event: Event, plan: FrozenPlan, waves: Sequence[Wave], servers: Sequence[Server]
    ) -> bool:
        """A new execution. The EXECUTION item comes last: nobody sees one without its servers. False if it exists.

        May be repeated when it did not come to its end: what is there already is not written again.
        """
        if self.execution(execution.execution_id):
            return False
        there = {record.key for record in (*self.waves(execution.execution_id), *self.servers(execution.execution_id))}
        self.save_in_batches([record for record in (*waves, *servers) if record.key not in there])
        return self.transition(execution, event, plan)

    def claim(self, name: str, value: str) -> str:
        """The value that the name was first claimed with: ours, or an earlier one (for Idempotency-Key)."""
        record = Claimed(execution_id=f"CLAIM#{name}", value=value)
        if self.write([record]):
            return value
        found = self._one(Claimed, record.key)
        if found is None:
            raise LostRace(f"the claim of {name} has just expired")
        return found.value

    # --- locks

    def acquire(
        self, keys: Sequence[str], *, owner: str, holder: str, locked_at: str, take_from: Iterable[str] = ()
    ) -> dict[str, Lock]:
        """All of up to 100 locks or none. Returns the locks that are in the way, empty when all are ours now.

        `owner` may hold some of them already. `take_from` names owners that are known to be gone.
        """
        gone = {owner, *take_from, None}
        for _ in range(RACES):
            found = self.locks(keys)
            in_the_way = {key: lock for key, lock in found.items() if lock.owner not in gone}
            if in_the_way:
                return in_the_way
            taken: dict[str, Any] = {"owner": owner, "holder": holder, "locked_at": locked_at, "job_id": None}
            wanted = [
                changed(found[key], **taken) if key in found else Lock(execution_id=key, **taken)
                for key in keys
                if key not in found or found[key].owner != owner
            ]
            if not wanted or self.write(wanted):
                return {}
        raise LostRace(f"locks of {owner} are fought over")

    def note_job(self, keys: Sequence[str], *, owner: str, job_id: str) -> None:
        """Which job holds our locks, for whoever finds them in the way."""
        self._change_locks(keys, owner, job_id=job_id)

    def release(self, keys: Sequence[str], *, owner: str) -> None:
        """Gives back those of the locks that are the owner's; others are left alone."""
        self._change_locks(keys, owner, owner=None, holder=None, job_id=None, locked_at=None)

    def _change_locks(self, keys: Sequence[str], held_by: str, **changes: Any) -> None:
        for start in range(0, len(keys), MAX_WRITES):
            for _ in range(RACES):
                found = self.locks(keys[start : start + MAX_WRITES])
                ours = [
                    changed(lock, **changes)
                    for lock in found.values()
                    if lock.owner == held_by and any(getattr(lock, name) != to for name, to in changes.items())
                ]
                if not ours or self.write(ours):
                    break
            else:
                raise LostRace(f"locks of {held_by} are fought over")

    def _all(self, kind: type[R], execution_id: str, prefix: str) -> list[R]:
        return [kind.from_item(item) for item in self.query(execution_id, prefix)]


def _of_wave(prefix: str, wave_number: int | None) -> str:
    return prefix if wave_number is None else f"{prefix}{wave_number:03d}#"
