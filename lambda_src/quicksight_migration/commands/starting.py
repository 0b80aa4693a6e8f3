"""The start of a job: its record first, with the key that asked for it, then the machine is told its id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quicksight_migration.accounts.facts import BiAccount
from quicksight_migration.errors import IdempotencyConflict, JobInvalid, LostRace, TowpathError
from quicksight_migration.machine.tools import Tools
from quicksight_migration.machine.transitions import Told, audit_of
from quicksight_migration.records.beside import Request, request_key
from quicksight_migration.records.job import OPTION_DEFAULTS, Job
from quicksight_migration.records.record import Record
from quicksight_migration.records.statuses import APPROVAL_MODES, MIGRATION, NO_APPROVAL, JobStatus
from shared.canonical import canonical_json, sha256_hex
from shared.clock import stamp
from shared.ids import new_id
from shared.schemas import Problem

NewId = Callable[[datetime], str]
Payload = Mapping[str, Any]


def new_job_id(now: datetime) -> str:
    """`job-` and 20 characters that sort by time."""
    return new_id("job", now)


@dataclass(frozen=True)
class Starter:
    """`new_id` makes job ids; a rehearsal brings its own, so that runs can be repeated."""

    tools: Tools
    new_id: NewId = new_job_id

    def start(self, actor: str, payload: Payload, key: str = "") -> Job:
        """A migration as the payload has it; the same `key` (Idempotency-Key) starts it once.

        Raises JobInvalid when an account is not configured, IdempotencyConflict when the key was used for another body.
        """
        return self.create(actor, payload, key, MIGRATION)

    def create(self, actor: str, payload: Payload, key: str, job_type: str, restore_of: str | None = None) -> Job:
        """The record of a new job and its machine; of a repeated request, those that are there."""
        body_hash = sha256_hex(canonical_json([job_type, restore_of, payload]))
        request_id = request_key(actor, key) if key else ""
        known = self._known(request_id, body_hash)
        if known is None:
            job = self._job(actor, payload, job_type, restore_of)
            told = Told("JOB_STARTED", _detail(job), actor)
            claims: list[Record] = []
            if key:
                claims.append(Request(job_id=request_id, target_job_id=job.job_id, body_hash=body_hash))
            created = self.tools.store.transition(job, audit_of(job, told, job.created_at), *claims)
            known = job if created else self._known(request_id, body_hash)
        if known is None:
            raise LostRace("the same request is being carried out at the moment")
        return self.run(known)

    def run(self, job: Job) -> Job:
        """Starts the machine of a job that is PENDING. A start that is lost is made up for by the reconciler."""
        if job.status == JobStatus.PENDING:
            try:
                self.tools.machine.start(job)
            except TowpathError:
                self.tools.count("MachineStartsFailed", 1)
        return job

    def _known(self, request_id: str, body_hash: str) -> Job | None:
        """The job that the key stands for. Raises IdempotencyConflict."""
        request = self.tools.store.request(request_id) if request_id else None
        if request is None:
            return None
        if request.body_hash != body_hash:
            raise IdempotencyConflict("this Idempotency-Key was used for another request")
        return self.tools.store.job(request.target_job_id)

    def _job(self, actor: str, payload: Payload, job_type: str, restore_of: str | None) -> Job:
        source = _configured(self.tools.settings.source_accounts, payload, "sourceAccountId")
        target = _configured(self.tools.settings.target_accounts, payload, "targetAccountId")
        options = {**OPTION_DEFAULTS, **payload.get("options", {})}
        now = self.tools.clock()
        return Job(
            job_id=self.new_id(now),
            type=job_type,
            created_at=stamp(now),
            updated_at=stamp(now),
            initiated_by=actor,
            description=payload.get("description"),
            payload={**payload, "options": options},
            source_account_id=source.account_id,
            source_region=source.region,
            target_account_id=target.account_id,
            target_region=target.region,
            tenant_id=str(payload.get("tenantId") or target.tenant_id),
            tags=dict(payload.get("tags", {})),
            approval_mode=approval_mode(target, options),
            restore_of=restore_of,
        )


def approval_mode(target: BiAccount, options: Mapping[str, Any]) -> str:
    """What the target demands; a job may ask for more than that, never for less."""
    return max(target.approval, str(options.get("approval", NO_APPROVAL)), key=APPROVAL_MODES.index)


def _configured(accounts: Mapping[str, BiAccount], payload: Payload, name: str) -> BiAccount:
    account = accounts.get(str(payload.get(name)))
    if account is None:
        raise JobInvalid([Problem(f"$.{name}", "no such account is configured")])
    return account


def _detail(job: Job) -> dict[str, Any]:
    detail: dict[str, Any] = {
        "type": job.type,
        "sourceAccountId": job.source_account_id,
        "targetAccountId": job.target_account_id,
        "assets": len(job.payload.get("assets", ())),
        "approvalMode": job.approval_mode,
    }
    return {**detail, "restoreOf": job.restore_of} if job.restore_of else detail
