"""The drift report: every asset that was migrated, as it is now in source and target, against what was left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from quicksight_migration.accounts.sessions import SOURCE, TARGET, AccountSession
from quicksight_migration.assets.inventory import Found, fingerprints
from quicksight_migration.assets.types import Asset, Place
from quicksight_migration.drift.comparison import counted, drift_of, latest, told
from quicksight_migration.drift.manifest import Manifest, read_manifest
from quicksight_migration.records.beside import DriftReport
from quicksight_migration.records.record import Cursor, Item, changed
from quicksight_migration.records.statuses import JobStatus, ReportState
from quicksight_migration.records.store import STATUS_INDEX, Store
from quicksight_migration.worker_tools import WorkerTools
from shared.clock import stamp
from shared.errors import NotFound, PermissionDenied, TowpathError, ValidationFailed
from shared.ids import new_id
from shared.observe import logger

SCHEDULED = "schedule"


@dataclass(frozen=True)
class Scope:
    """What a report is about; what is None is not limited."""

    source_account_id: str | None = None
    target_account_id: str | None = None
    job_id: str | None = None

    def has(self, item: Mapping[str, Any]) -> bool:
        """Whether a job of the index belongs to it."""
        wanted = {"sourceAccountId": self.source_account_id, "targetAccountId": self.target_account_id}
        return all(value is None or item.get(name) == value for name, value in wanted.items())


def report_drift(tools: WorkerTools, store: Store, event: Mapping[str, Any]) -> dict[str, Any]:
    """{"reportId"?, "sourceAccountId"?, "targetAccountId"?, "jobId"?} → {"reportId", "status", "counts"}.

    Repeating a report that is made changes nothing. Raises what may mend itself, so that the caller tries again.
    """
    scope = Scope(event.get("sourceAccountId"), event.get("targetAccountId"), event.get("jobId"))
    report = _begun(tools, store, event.get("reportId"), scope)
    if report.report_state == ReportState.COMPLETED:
        return _answer(report)
    try:
        document = _document(tools, store, report, scope)
    except TowpathError as error:
        if error.retriable:
            raise
        logger.exception("drift report failed")
        return _answer(_ended(store, report, report_state=ReportState.FAILED, error=f"{error.code}: {error}"[:1000]))
    key = tools.bucket.put_json(f"drift/{report.job_id}.json", document)
    done = _ended(
        store,
        report,
        report_state=ReportState.COMPLETED,
        completed_at=stamp(tools.clock()),
        counts=document["counts"],
        report_key=key,
    )
    return _answer(done)


def manifests_of(tools: WorkerTools, store: Store, scope: Scope) -> Iterator[Manifest]:
    """Manifests of completed jobs, newest first; those whose document has expired are passed over."""
    for item in _completed(store, scope):
        kept = store.manifest(str(item["jobId"]))
        if kept is None:
            continue
        try:
            yield read_manifest(tools.bucket.get_json(kept.manifest_key))
        except NotFound:
            continue


def _completed(store: Store, scope: Scope) -> Iterator[Item]:
    if scope.job_id:
        yield {"jobId": scope.job_id}
        return
    cursor: Cursor | None = None
    while True:
        page = store.page(STATUS_INDEX, JobStatus.COMPLETED, cursor=cursor)
        yield from (item for item in page.items if scope.has(item))
        cursor = page.cursor
        if cursor is None:
            return


def _document(tools: WorkerTools, store: Store, report: DriftReport, scope: Scope) -> dict[str, Any]:
    known = latest(manifests_of(tools, store, scope))
    read = _Reading(tools, report.job_id)
    sources = read.all_of(SOURCE, ((each.source, each.migrated.asset) for each in known if each.has_source))
    targets = read.all_of(TARGET, ((each.target, each.migrated.target) for each in known))
    assets = []
    for each in known:
        there, here = (each.source, each.migrated.asset), (each.target, each.migrated.target)
        if here in targets and (there in sources or not each.has_source):
            assets.append(told(each, drift_of(each, sources.get(there), targets[here])))
    return {
        "reportId": report.job_id,
        "createdAt": stamp(tools.clock()),
        "counts": counted(assets),
        "unreachable": read.unreachable,
        "assets": sorted(assets, key=lambda each: (each["targetAccountId"], each["assetType"], each["targetAssetId"])),
    }


@dataclass
class _Reading:
    """Assets as they are now, account by account; the report's id is the name of the role's sessions."""

    tools: WorkerTools
    report_id: str
    unreachable: list[dict[str, str]] = field(default_factory=list)

    def all_of(self, side: str, wanted: Iterable[tuple[Place, Asset]]) -> dict[tuple[Place, Asset], Found | None]:
        """What is there; accounts that are not configured any more, or that refuse us, are noted and left out."""
        by_place: dict[Place, set[Asset]] = {}
        for place, asset in wanted:
            by_place.setdefault(place, set()).add(asset)
        found: dict[tuple[Place, Asset], Found | None] = {}
        for place, assets in by_place.items():
            try:
                session = self._session(side, place)
                answers = fingerprints(session.quicksight, place, assets)
            except (ValidationFailed, PermissionDenied) as error:
                self.unreachable.append({"accountId": place.account_id, "side": side, "message": str(error)})
            else:
                found.update({(place, asset): answer for asset, answer in answers.items()})
        return found

    def _session(self, side: str, place: Place) -> AccountSession:
        accounts = self.tools.accounts
        return (accounts.source if side == SOURCE else accounts.target)(place.account_id, self.report_id)


def _begun(tools: WorkerTools, store: Store, report_id: str | None, scope: Scope) -> DriftReport:
    """The report's record: the one that was asked for, or a new one of the schedule."""
    found = store.drift_report(report_id) if report_id else None
    if found is not None:
        return found
    now = tools.clock()
    report = DriftReport(
        job_id=report_id or new_id("drift", now),
        created_at=stamp(now),
        initiated_by=SCHEDULED,
        source_account_id=scope.source_account_id,
        target_account_id=scope.target_account_id,
        compared_job_id=scope.job_id,
    )
    store.save_or_lose(report)
    return report


def _ended(store: Store, report: DriftReport, **changes: Any) -> DriftReport:
    ended = changed(report, **changes)
    store.save_or_lose(ended)
    return ended


def _answer(report: DriftReport) -> dict[str, Any]:
    return {"reportId": report.job_id, "status": report.report_state, "counts": dict(report.counts)}
