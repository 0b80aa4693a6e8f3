"""What the API and live updates show of records: named fields only, so that nothing internal gets out by being added.

The fields are those of schemas/migration-job.schema.json and quicksight-migration-api.schema.json; a test keeps them
equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from quicksight_migration.accounts.facts import BiAccount

View = dict[str, Any]

SUMMARY = (
    "jobId", "status", "type", "createdAt", "updatedAt", "initiatedBy", "sourceAccountId", "targetAccountId",
    "tenantId", "description", "currentStep", "failedStep", "targetState", "retryCount", "runNumber", "revision",
    "restoreOf",
)  # fmt: skip
JOB = (*SUMMARY, "endedAt", "planHash", "payload", "approvalMode", "logsLocation", "executionArn", "tags")
#: Parts of a job, each with its own fields.
PARTS = {
    "waiting": ("kind", "step", "since"),
    "approval": ("decision", "by", "at", "comment", "planHash"),
    "cancelRequested": ("by", "at", "reason"),
    "results": ("assets", "resultsKey"),
}
ERROR = ("code", "message", "details")
STEP = ("step", "attempt", "runNumber", "stepStatus", "startedAt", "endedAt", "output")
AUDIT = ("at", "actor", "action", "detail")
DRIFT = ("createdAt", "completedAt", "initiatedBy", "sourceAccountId", "targetAccountId", "counts", "error")


def only(item: Mapping[str, Any], fields: Iterable[str]) -> View:
    """The fields that the item has, without empty ones."""
    return {name: item[name] for name in fields if item.get(name, "") not in ("", None)}


def job_summary(item: Mapping[str, Any]) -> View:
    """A job in a list."""
    return only(item, SUMMARY)


def job(item: Mapping[str, Any]) -> View:
    """A job without its steps, from its item."""
    parts = {name: only(item[name], fields) for name, fields in PARTS.items() if item.get(name)}
    return _with_error({**only(item, JOB), **parts}, item)


def step(item: Mapping[str, Any]) -> View:
    """An attempt of a step."""
    return _with_error(only(item, STEP), item)


def audit_entry(item: Mapping[str, Any]) -> View:
    """An entry of the audit trail."""
    return {"revision": item["number"], **only(item, AUDIT)}


def drift_report(item: Mapping[str, Any]) -> View:
    """A drift report in a list."""
    compared = {"jobId": item["comparedJobId"]} if item.get("comparedJobId") else {}
    return {"reportId": item["jobId"], "status": item["reportState"], **only(item, DRIFT), **compared}


def account(side: str, found: BiAccount) -> View:
    """A configured account; the role that is assumed in it is nobody's business."""
    shown = {"tenantId": found.tenant_id, "approval": found.approval if side == "TARGET" else ""}
    return {
        "accountId": found.account_id,
        "side": side,
        "name": found.name,
        "region": found.region,
        **only(shown, shown),
    }


def _with_error(view: View, item: Mapping[str, Any]) -> View:
    error = item.get("error")
    return {**view, "error": only(error, ERROR)} if error else view
