"""AWS Elastic Disaster Recovery, as far as recoveries need it: every page of every list, every error in our taxonomy.

Reads raise Throttled, Transient, Timeout, PermissionDenied, NotFound, ValidationFailed, AccountNotInitialized: what was
asked is unknown then, nothing more. Calls that change something are sent once (their client has one attempt) and raise
FateUnknown when they may have been carried out, else a definite refusal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from disaster_recovery.drs import answers as drs_types
from disaster_recovery.drs.answers import Job, LogEntry, RecoveryInstance, Snapshot, SourceServer
from disaster_recovery.errors import (
    AccountNotInitialized,
    FateUnknown,
    QuotaExceeded,
    ServerConflict,
    TowpathError,
    Transient,
    ValidationFailed,
)
from shared.aws_errors import classify, error_code, is_ambiguous
from shared.clock import FORMAT

#: Most ids a filter or a call takes (botocore's model of DRS, 2020-02-26).
IDS_A_CALL = 200
JOBS_A_CALL = 1000
#: A job that has run for longer than this is not looked for among the live ones.
LIVE_JOB_WINDOW = timedelta(days=3)

Filters = dict[str, Any]


class Drs:
    """DRS in one account and Region.

    `reads` is a boto3 client `drs` with retries; `writes` one with `total_max_attempts=1`, since StartRecovery has no
    idempotency token and a second POST after a lost answer is refused for our own job.
    """

    def __init__(self, reads: Any, writes: Any) -> None:
        self._reads = reads
        self._writes = writes

    @property
    def region(self) -> str:
        """The Region that is asked."""
        return str(self._reads.meta.region_name)

    # --- changes

    def start_recovery(
        self, servers: Sequence[tuple[str, str | None]], *, is_drill: bool, tags: Mapping[str, str]
    ) -> Job:
        """Starts one job for pairs of server id and snapshot id (None: the latest). At most 200, the quota says 100.

        Raises FateUnknown, ServerConflict, QuotaExceeded, Throttled, PermissionDenied, ValidationFailed,
        AccountNotInitialized, Transient (never sent).
        """
        wanted = [
            {"sourceServerID": server_id, **({"recoverySnapshotID": snapshot_id} if snapshot_id else {})}
            for server_id, snapshot_id in servers
        ]
        answer = self._change("start_recovery", sourceServers=wanted, isDrill=is_drill, tags=dict(tags))
        return drs_types.job(answer["job"])

    def terminate(self, recovery_instance_ids: Sequence[str]) -> Job:
        """Starts one TERMINATE job for up to 200 recovery instances. Raises as start_recovery does."""
        answer = self._change("terminate_recovery_instances", recoveryInstanceIDs=list(recovery_instance_ids))
        return drs_types.job(answer["job"])

    def update_launch_configuration(self, source_server_id: str, settings: Mapping[str, Any]) -> None:
        """Sets members of UpdateLaunchConfiguration (`launchDisposition`, `copyTags`, …); safe to repeat."""
        self._read_one("update_launch_configuration", sourceServerID=source_server_id, **settings)

    # --- reads

    def jobs(self, job_ids: Iterable[str]) -> dict[str, Job]:
        """The jobs by id; what DRS does not know (any more, or not yet) is left out."""
        wanted = sorted(set(job_ids))
        found: dict[str, Job] = {}
        for start in range(0, len(wanted), JOBS_A_CALL):
            filters = {"jobIDs": wanted[start : start + JOBS_A_CALL]}
            found.update({job.job_id: job for job in self._jobs(filters)})
        return {job_id: job for job_id, job in found.items() if job_id in set(wanted)}

    def jobs_since(self, since: datetime) -> list[Job]:
        """Every job of every type that was created since then, all pages, newest first."""
        return list(self._jobs({"fromDate": since.strftime(FORMAT)}))

    def live_jobs(self, now: datetime) -> list[Job]:
        """Jobs of every type that run in the account at the moment, whoever started them."""
        return [job for job in self.jobs_since(now - LIVE_JOB_WINDOW) if not job.is_over]

    def job_log(self, job_id: str) -> list[LogEntry]:
        """The job's log as DRS orders it."""
        return [drs_types.log_entry(each) for each in self._pages("describe_job_log_items", jobID=job_id)]

    def source_servers(self, server_ids: Iterable[str] | None = None) -> list[SourceServer]:
        """The servers of these ids as far as they exist, or all of the account."""
        pages = self._by_ids("describe_source_servers", "sourceServerIDs", server_ids)
        return [drs_types.source_server(each) for each in pages]

    def recovery_instances(
        self, *, instance_ids: Iterable[str] | None = None, server_ids: Iterable[str] | None = None
    ) -> list[RecoveryInstance]:
        """Instances of these ids, or of these source servers, or all of the account."""
        name, ids = ("sourceServerIDs", server_ids) if instance_ids is None else ("recoveryInstanceIDs", instance_ids)
        pages = self._by_ids("describe_recovery_instances", name, ids)
        return [drs_types.recovery_instance(each) for each in pages]

    def snapshots(self, source_server_id: str, *, until: datetime | None = None) -> Iterator[Snapshot]:
        """Points in time of a server, newest first, page by page as they are asked for."""
        filters = {"filters": {"toDateTime": until.strftime(FORMAT)}} if until else {}
        request = {"sourceServerID": source_server_id, "order": "DESC", **filters}
        for each in self._pages("describe_recovery_snapshots", **request):
            yield drs_types.snapshot(each)

    def launch_configuration(self, source_server_id: str) -> dict[str, Any]:
        """The server's launch settings as GetLaunchConfiguration answers them."""
        answer = self._read_one("get_launch_configuration", sourceServerID=source_server_id)
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    # --- how it is asked

    def _jobs(self, filters: Filters) -> Iterator[Job]:
        return (drs_types.job(each) for each in self._pages("describe_jobs", filters=filters))

    def _by_ids(self, operation: str, name: str, ids: Iterable[str] | None) -> Iterator[Mapping[str, Any]]:
        if ids is None:
            yield from self._pages(operation)
            return
        wanted = sorted(set(ids))
        for start in range(0, len(wanted), IDS_A_CALL):
            yield from self._pages(operation, filters={name: wanted[start : start + IDS_A_CALL]})

    def _pages(self, operation: str, **request: Any) -> Iterator[Mapping[str, Any]]:
        while True:
            page = self._read_one(operation, **request)
            yield from page.get("items", [])
            token = page.get("nextToken")
            if not token:
                return
            if token == request.get("nextToken"):
                raise Transient(f"{operation}: the next page is the same page again")
            request["nextToken"] = token

    def _read_one(self, operation: str, **request: Any) -> Any:
        try:
            return getattr(self._reads, operation)(**request)
        except (ClientError, BotoCoreError) as error:
            raise drs_error(error, operation) from error

    def _change(self, operation: str, **request: Any) -> Any:
        try:
            return getattr(self._writes, operation)(**request)
        except (ClientError, BotoCoreError) as error:
            if is_ambiguous(error):
                raise FateUnknown(f"{operation}: {error}") from error
            raise drs_error(error, operation) from error


def drs_error(error: ClientError | BotoCoreError, doing: str) -> TowpathError:
    """Our error for one of DRS. The extra members of its errors lie beside `Error` in botocore's response."""
    known = classify(error, doing)
    if not isinstance(error, ClientError):
        return known
    code, answer = error_code(error), error.response
    if code == "ConflictException":
        return ServerConflict(str(known), str(answer.get("resourceId", "")))
    if code == "ServiceQuotaExceededException":
        return QuotaExceeded(str(known), str(answer.get("quotaCode", "")))
    if code == "UninitializedAccountException":
        return AccountNotInitialized(str(known))
    if code == "ValidationException":
        return ValidationFailed(str(known))
    return known
