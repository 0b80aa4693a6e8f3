"""The status item of a transfer as its first claim writes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from file_transfer.intake.source import Source
from file_transfer.records import identity
from file_transfer.records.claim import IN_PROGRESS, Claimant, lease_until
from file_transfer.settings import Settings
from file_transfer.workflows.arrival import Arrival
from file_transfer.workflows.targets import short_uri
from shared.clock import parse, stamp

if TYPE_CHECKING:
    from file_transfer.intake.judgement import Case

DEFAULT_RETRIES = 3
DEFAULT_OVERWRITE = "newest-wins"


def identity_of(arrival: Arrival, source: Source | None) -> str:
    """The transfer's id. An object that was never seen is named by what the message says of it."""
    if source:
        version = source.version_id or identity.unversioned(source.etag)
    elif arrival.version_id:
        version = arrival.version_id
    elif arrival.etag:
        version = identity.unversioned(arrival.etag)
    else:
        version = f"session:{arrival.session_id or arrival.occurred_at}"
    return identity.transfer_id(arrival.bucket, arrival.key, version)


def new_item(  # noqa: PLR0913  (what is known, who asks, when, and the settings)
    arrival: Arrival, source: Source | None, case: Case, claimant: Claimant, now: datetime, settings: Settings
) -> dict[str, Any]:
    """Only what is needed: a settled item of two targets should stay below 1 KB, one write unit."""
    name = identity.file_name(arrival.key)
    arrived_at = source.arrived_at if source else arrival.occurred_at
    key = identity.status_key(case.customer_id, name, arrived_at, identity_of(arrival, source))
    workflow = case.workflow
    item = {
        "PK": key.pk,
        "SK": key.sk,
        "fileName": name,
        "customerId": case.customer_id,
        "sourceBucket": arrival.bucket,
        "sourceKey": arrival.key,
        "versionId": source.version_id if source else arrival.version_id,
        "etag": source.etag if source else arrival.etag,
        "workflowId": workflow.id if workflow else arrival.workflow_id or "unknown",
        "status": IN_PROGRESS,
        "retryCount": 0,
        "attempt": 1,
        "revision": 0,
        "timestamp": stamp(now),
        "leaseUntil": lease_until(now, settings.lease_seconds),
        "leaseOwner": claimant.message_id,
        "target": {each.id: short_uri(each.uri, name) for each in case.targets},
        "targets": {each.id: _target_record(each.overwrite) for each in case.targets},
        "metadata": _metadata(arrival, source),
        **_exceptions(arrival, case),
    }
    if settings.retention_days:
        item["expiresAt"] = int((parse(arrived_at) + timedelta(days=settings.retention_days)).timestamp())
    return {name: value for name, value in item.items() if value not in (None, "")}


def _target_record(overwrite: str) -> dict[str, Any]:
    record: dict[str, Any] = {"state": "PENDING", "attempts": 0}
    return record if overwrite == DEFAULT_OVERWRITE else {**record, "overwrite": overwrite}


def _metadata(arrival: Arrival, source: Source | None) -> Mapping[str, Any]:
    known = {
        "fileSizeBytes": source.size if source else arrival.size,
        "triggeredBy": arrival.triggered_by,
        "uploadedBy": arrival.user,
        "parentId": arrival.parent_id,
    }
    return {name: value for name, value in known.items() if value is not None}


def _exceptions(arrival: Arrival, case: Case) -> dict[str, Any]:
    """What differs from the rule and has to be known later without the definition."""
    extra: dict[str, Any] = {}
    if case.workflow and case.workflow.max_retries != DEFAULT_RETRIES:
        extra["maxRetries"] = case.workflow.max_retries
    if case.workflow and case.workflow.notify is not None:
        extra["notify"] = list(case.workflow.notify)
    if case.workflow and case.workflow.notifications:
        extra["channels"] = True
    if case.workflow and case.workflow.needs_preparation:
        extra["prepare"] = True
    named = {"workflowId": arrival.workflow_id, "customerId": arrival.customer_id, "targets": dict(arrival.targets)}
    if any(named.values()):
        extra["requested"] = {name: value for name, value in named.items() if value}
    if case.rejection:
        rejection = case.rejection
        extra["review"] = {
            "status": rejection.settle_as,
            "reason": rejection.reason,
            "message": rejection.message[:300],
        }
        if arrival.failure_code or not arrival.confirmed:
            extra["review"]["uploadFailed"] = True
    return extra
