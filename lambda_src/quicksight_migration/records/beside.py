"""Records beside jobs and steps: the audit, tokens, idempotency keys, slots, alerts, manifests and drift reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from quicksight_migration.records.record import Part, Record
from quicksight_migration.records.statuses import ReportState

APPROVAL_TOKEN, SLOT_TOKEN = "APPROVAL", "SLOT"
EXPORT, IMPORT = "EXPORT", "IMPORT"
ALERT_DUE = "ALERT_DUE"
#: `kind` of drift reports.
DRIFT = "DRIFT"


@dataclass(frozen=True, kw_only=True)
class Audit(Record):
    """An entry of the audit trail, written in the transition's own transaction. `number` is the job's revision then."""

    number: int
    at: str
    actor: str
    action: str
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sort_key(self) -> str:
        return f"AUDIT#{self.number:06d}"


@dataclass(frozen=True, kw_only=True)
class TaskToken(Record):
    """What the machine waits for. `kind` APPROVAL or SLOT. The only place a token is kept.

    `answered_at` is set when the machine has taken an answer; the token is forgotten then.
    """

    kind: str
    token: str = ""
    run_number: int = 1
    stored_at: str = ""
    answered_at: str | None = None

    def __repr__(self) -> str:
        return f"TaskToken({self.job_id}, {self.kind})"

    @property
    def sort_key(self) -> str:
        return f"TOKEN#{self.kind}"


@dataclass(frozen=True, kw_only=True)
class Request(Record):
    """What an Idempotency-Key was first used for. `job_id` is `IDEMPOTENCY#<actor>#<key>`."""

    target_job_id: str
    body_hash: str

    @property
    def sort_key(self) -> str:
        return "REQUEST"


@dataclass(frozen=True, kw_only=True)
class SlotHolder(Part):
    """A step of a job, `<jobId>#<step>`, that holds a slot or waits for one, since when."""

    owner: str
    since: str

    @property
    def job_id(self) -> str:
        """Whose step it is."""
        return job_of(self.owner)


@dataclass(frozen=True, kw_only=True)
class SlotLine(Record):
    """Who may run bundle jobs of a kind in an account and Region, and who waits, first come first.

    `job_id` is the line's key, `SLOT#<accountId>#<region>#<EXPORT|IMPORT>`. Holders are `{"<jobId>#<step>": {since}}`.
    """

    holders: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    queue: tuple[Mapping[str, str], ...] = ()

    @property
    def sort_key(self) -> str:
        return "SLOT"

    @property
    def waiting(self) -> list[SlotHolder]:
        """Who waits, in order."""
        return [SlotHolder(owner=each["owner"], since=each["since"]) for each in self.queue]


@dataclass(frozen=True, kw_only=True)
class Alert(Record):
    """What people are still to be told, oldest first. `status` ALERT_DUE brings it into the index by status."""

    status: str | None = None
    created_at: str = ""
    due: tuple[Mapping[str, Any], ...] = ()

    @property
    def sort_key(self) -> str:
        return "ALERT"


@dataclass(frozen=True, kw_only=True)
class Manifest(Record):
    """What a completed job has left in the target: `manifest_key` is the S3 key of its fingerprints."""

    manifest_key: str
    target_account_id: str
    source_account_id: str
    completed_at: str

    @property
    def sort_key(self) -> str:
        return "MANIFEST"


@dataclass(frozen=True, kw_only=True)
class DriftReport(Record):
    """A drift report. `job_id` is its id, `drift-…`; what it found in detail lies in S3 under `report_key`."""

    kind: str = DRIFT
    created_at: str = ""
    report_state: str = ReportState.RUNNING
    initiated_by: str = ""
    source_account_id: str | None = None
    target_account_id: str | None = None
    compared_job_id: str | None = None
    completed_at: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    report_key: str | None = None
    error: str | None = None

    @property
    def sort_key(self) -> str:
        return "REPORT"


def request_key(actor: str, key: str) -> str:
    """`IDEMPOTENCY#<actor>#<key>`."""
    return f"IDEMPOTENCY#{actor}#{key}"


def slot_key(account_id: str, region: str, kind: str) -> str:
    """`SLOT#<accountId>#<region>#<EXPORT|IMPORT>`."""
    return f"SLOT#{account_id}#{region}#{kind}"


def owner_of(job_id: str, step: str) -> str:
    """How lines name a step of a job."""
    return f"{job_id}#{step}"


def job_of(owner: str) -> str:
    """`<jobId>#<step>` → `<jobId>`."""
    return owner.partition("#")[0]
