"""Lines for slots, as pure functions: at most `limit` hold one, whoever came first is next.

Functions answer the line as it is afterwards, without a new revision; a line that does not change is answered as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from quicksight_migration.records.beside import SlotLine, job_of

Matches = Callable[[str], bool]


def stand(line: SlotLine, owner: str, now: str, limit: int) -> SlotLine:
    """The line with the owner in it: as a holder if it is their turn, else where they stood, or at the end."""
    known = owner in line.holders or any(each["owner"] == owner for each in line.queue)
    asked = line if known else replace(line, queue=(*line.queue, {"owner": owner, "since": now}))
    return call_up(asked, now, limit)


def leave(line: SlotLine, gone: Matches, now: str, limit: int) -> SlotLine:
    """The line without the owners that `gone` is true for; those who are next get their slots."""
    holders = {owner: since for owner, since in line.holders.items() if not gone(owner)}
    queue = tuple(each for each in line.queue if not gone(each["owner"]))
    if len(holders) == len(line.holders) and len(queue) == len(line.queue):
        return call_up(line, now, limit)
    return call_up(replace(line, holders=holders, queue=queue), now, limit)


def call_up(line: SlotLine, now: str, limit: int) -> SlotLine:
    """The line after those at its head have taken the slots that are free."""
    free = max(0, limit - len(line.holders))
    called = line.queue[:free]
    if not called:
        return line
    holders = {**line.holders, **{each["owner"]: {"since": now} for each in called}}
    return replace(line, holders=holders, queue=line.queue[len(called) :])


def of_job(job_id: str) -> Matches:
    """True for all owners of a job."""
    return lambda owner: job_of(owner) == job_id


def among(owners: Collection[str]) -> Matches:
    """True for these owners."""
    return lambda owner: owner in owners


def granted(before: SlotLine, after: SlotLine) -> list[str]:
    """Who holds a slot now and did not before."""
    return [owner for owner in after.holders if owner not in before.holders]


def limit_of(key: str, exports: int, imports: int) -> int:
    """Slots of the line with this key."""
    return imports if key.endswith("#IMPORT") else exports
