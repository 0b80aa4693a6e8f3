"""What of migrations can be followed: one job (`job:<jobId>`) and the jobs of a tenant (`jobs:<tenantId>`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from quicksight_migration.api import views
from quicksight_migration.records.record import Item, Key
from quicksight_migration.records.store import LISTED, TIME_INDEX, Store
from shared.dynamodb import from_item
from shared.live.changes import Change
from shared.live.tickets import Holder
from shared.live.topics import Snapshot, TopicRefused, unknown

JOB, JOBS = "job", "jobs"
VIEW = "view"
#: Newest jobs in a list's snapshot; older ones come when they change, or are read over the API.
MAX_LISTED = 50
PAGE, MAX_PAGES = 100, 5
#: What a list tells of a job: what an index knows of it, so that snapshot and deltas tell the same.
LIST_FIELDS = tuple(name for name in views.SUMMARY if name == "jobId" or name in LISTED)


@dataclass(frozen=True)
class JobTopics:
    """Topics over the jobs' records. Methods raise what botocore raises."""

    store: Store

    def admit(self, holder: Holder, kind: str, name: str) -> None:
        """Whoever may view jobs follows those of their tenants."""
        if kind not in (JOB, JOBS):
            raise TopicRefused("NO_SUCH_TOPIC", f"topics are {JOB}:<jobId> and {JOBS}:<tenantId>")
        if not holder.may(VIEW):
            raise TopicRefused("FORBIDDEN", f"needs the permission {VIEW}")
        tenant = name if kind == JOBS else self._job(name)["tenantId"]
        if not holder.sees(tenant):
            raise unknown(f"{kind}:{name}")

    def snapshot(self, kind: str, name: str) -> Snapshot:
        """One job as it is now; the newest jobs of a tenant as an index shows them, which lags behind a little."""
        if kind == JOB:
            item = self._job(name)
            return Snapshot(int(item["revision"]), views.job(item))
        items = [{"key": each["jobId"], "seq": int(each["revision"]), "data": listed(each)} for each in self._of(name)]
        return Snapshot(0, {"items": items})

    def _job(self, job_id: str) -> Item:
        key = Key(job_id, "JOB")
        found = self.store.read([key])
        if key not in found:
            raise unknown(f"{JOB}:{job_id}")
        return found[key]

    def _of(self, tenant: str) -> list[Item]:
        found: list[Item] = []
        cursor: Mapping[str, Any] | None = None
        for _ in range(MAX_PAGES):
            page = self.store.page(TIME_INDEX, "JOB", limit=PAGE, cursor=cursor)
            found += [item for item in page.items if item.get("tenantId") == tenant]
            cursor = page.cursor
            if cursor is None or len(found) >= MAX_LISTED:
                break
        return found[:MAX_LISTED]


def listed(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """A job in a list."""
    return views.only(item, LIST_FIELDS)


def changes_of(record: Mapping[str, Any]) -> Iterable[Change]:
    """What a record of the table's stream (new and old images) tells to whom; nothing where no job moved on.

    That a job is over and expires is written without a new revision, and is no news.
    """
    images = record["dynamodb"]
    if images["Keys"]["record"]["S"] != "JOB" or "NewImage" not in images:
        return
    after, before = from_item(images["NewImage"]), from_item(images.get("OldImage", {}))
    seq, previous = int(after["revision"]), int(before.get("revision", 0))
    if seq <= previous:
        return
    yield Change(f"{JOB}:{after['jobId']}", seq, previous, views.job(before) if before else {}, views.job(after))
    if after.get("tenantId"):
        yield Change(f"{JOBS}:{after['tenantId']}", seq, previous, {}, listed(after), key=after["jobId"])
