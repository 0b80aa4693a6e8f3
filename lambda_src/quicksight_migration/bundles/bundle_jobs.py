"""Bundle jobs of QuickSight: started once, looked for when the answer is lost, followed by their id.

An id is unique while its job runs and free afterwards (API Reference, StartAssetBundleImportJob), so a second Start
after a lost answer would import a second time. Hence: look first, start only what is not there, send each Start once,
and look again before another. That one is being sent is noted before (see starts), so that a job which QuickSight does
not show yet is waited for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from quicksight_migration.accounts.quicksight_errors import Conflict, quicksight_error
from quicksight_migration.accounts.sessions import AccountSession
from quicksight_migration.bundles.starts import Starts
from shared.aws_errors import is_ambiguous
from shared.errors import NotFound, TowpathError

SUCCESSFUL, JOB_FAILED = "SUCCESSFUL", "FAILED"
ROLLED_BACK, ROLLBACK_ERROR = "FAILED_ROLLBACK_COMPLETED", "FAILED_ROLLBACK_ERROR"
#: FAILED_ROLLBACK_IN_PROGRESS is not among them: the job still changes the target.
ENDED = frozenset({SUCCESSFUL, JOB_FAILED, ROLLED_BACK, ROLLBACK_ERROR})
STARTED, UNKNOWN = "STARTED", "UNKNOWN"
#: A record holds 30 KB; what else went wrong is in QuickSight for 14 days.
MOST_ERRORS, MOST_TEXT = 20, 500


@dataclass(frozen=True)
class BundleJob:
    """What QuickSight says of a bundle job. `download_url` is a secret for five minutes: use it and forget it."""

    bundle_job_id: str
    status: str
    errors: tuple[Mapping[str, str], ...] = ()
    rollback_errors: tuple[Mapping[str, str], ...] = ()
    warnings: tuple[Mapping[str, str], ...] = ()
    download_url: str = field(default="", repr=False, compare=False)

    @property
    def is_over(self) -> bool:
        """True when the job will not change anything any more."""
        return self.status in ENDED


@dataclass(frozen=True)
class Pending:
    """There is no job to follow yet: STARTED, UNKNOWN (a Start may arrive yet), or the code of a passing refusal."""

    reason: str


@dataclass(frozen=True)
class _Kind:
    start: str
    describe: str
    id_name: str


_EXPORTS = _Kind("start_asset_bundle_export_job", "describe_asset_bundle_export_job", "AssetBundleExportJobId")
_IMPORTS = _Kind("start_asset_bundle_import_job", "describe_asset_bundle_import_job", "AssetBundleImportJobId")


@dataclass(frozen=True)
class BundleJobs:
    """Exports or imports of one account."""

    session: AccountSession
    kind: _Kind
    starts: Starts

    def look(self, bundle_job_id: str) -> BundleJob | None:
        """The job, None when QuickSight knows none of this id. Raises the taxonomy's errors: then nothing is known."""
        asked = {"AwsAccountId": self.session.account_id, self.kind.id_name: bundle_job_id}
        try:
            answer = getattr(self.session.quicksight, self.kind.describe)(**asked)
        except (ClientError, BotoCoreError) as error:
            known = quicksight_error(error, f"describe {bundle_job_id}")
            if isinstance(known, NotFound):
                return None
            raise known from error
        return BundleJob(
            bundle_job_id,
            str(answer.get("JobStatus", "")),
            errors=_told(answer.get("Errors")),
            rollback_errors=_told(answer.get("RollbackErrors")),
            warnings=_told(answer.get("Warnings")),
            download_url=str(answer.get("DownloadUrl", "")),
        )

    def knows(self, bundle_job_id: str) -> bool:
        """True when there is such a job, or may be one in a moment. Raises what `look` raises."""
        return self.look(bundle_job_id) is not None or self.starts.may_arrive(bundle_job_id)

    def start_or_follow(self, bundle_job_id: str, request: Callable[[], Mapping[str, Any]]) -> BundleJob | Pending:
        """The job of this id, started now if there is none. `request` makes the members of Start beside the ids.

        Raises what `look` and `request` raise, and what refuses the Start for good: ValidationFailed, PermissionDenied,
        NotFound, EditionUnsupported.
        """
        found = self.look(bundle_job_id)
        if found is not None:
            return found
        if self.starts.may_arrive(bundle_job_id):
            return Pending(UNKNOWN)
        members = dict(request())
        self.starts.sending(bundle_job_id)
        names = {"AwsAccountId": self.session.account_id, self.kind.id_name: bundle_job_id}
        try:
            getattr(self.session.quicksight_once, self.kind.start)(**names, **members)
        except (ClientError, BotoCoreError) as error:
            return self._not_started(bundle_job_id, error)
        return Pending(STARTED)

    def _not_started(self, bundle_job_id: str, error: ClientError | BotoCoreError) -> BundleJob | Pending:
        known = quicksight_error(error, f"start {bundle_job_id}")
        if is_ambiguous(error) or isinstance(known, Conflict):
            return self._look_again(bundle_job_id)
        self.starts.refused(bundle_job_id)
        if known.retriable:
            return Pending(known.code)
        raise known from error

    def _look_again(self, bundle_job_id: str) -> BundleJob | Pending:
        try:
            return self.look(bundle_job_id) or Pending(UNKNOWN)
        except TowpathError:
            return Pending(UNKNOWN)


def exports(session: AccountSession, starts: Starts) -> BundleJobs:
    """The account's exports."""
    return BundleJobs(session, _EXPORTS, starts)


def imports(session: AccountSession, starts: Starts) -> BundleJobs:
    """The account's imports."""
    return BundleJobs(session, _IMPORTS, starts)


def _told(entries: Any) -> tuple[Mapping[str, str], ...]:
    """Errors or warnings {"Arn", "Type"?, "Message"} as records hold them."""
    return tuple(
        {name.lower(): str(value)[:MOST_TEXT] for name, value in entry.items()}
        for entry in (entries or [])[:MOST_ERRORS]
    )
