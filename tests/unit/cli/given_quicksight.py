"""Documents as the QuickSight migration API answers them."""

from __future__ import annotations

from typing import Any

JOB_ID = "job-" + "c" * 20
RESTORE_ID = "job-" + "d" * 20
REPORT_ID = "drift-" + "e" * 20
SOURCE, TARGET = "111111111111", "222222222222"
HASH = "0123456789abcdef" * 4
STAMP = "2026-11-21T10:00:00.000000Z"
GROUP = f"arn:aws:quicksight:us-east-1:{TARGET}:group/default/analysts"

JOB_FILE = f"""\
# Sales from development to production
sourceAccountId: "{SOURCE}"
targetAccountId: "{TARGET}"
assets:
  - arn:aws:quicksight:us-east-1:{SOURCE}:dashboard/sales
options:
  conflictPolicy: UPDATE
overrides:
  DataSources:
    - DataSourceId: warehouse
      Credentials:
        SecretArn: arn:aws:secretsmanager:us-east-1:{TARGET}:secret:bi-AbCdEf
"""


def job(status: str = "RUNNING", revision: int = 5, **changes: Any) -> dict[str, Any]:
    """A migration in its third step."""
    return {
        "jobId": JOB_ID,
        "status": status,
        "type": "MIGRATION",
        "createdAt": STAMP,
        "updatedAt": STAMP,
        "initiatedBy": "user:ada",
        "sourceAccountId": SOURCE,
        "targetAccountId": TARGET,
        "tenantId": "sales",
        "description": "Sales",
        "currentStep": "UploadAssets",
        "targetState": "UNTOUCHED",
        "retryCount": 0,
        "runNumber": 1,
        "revision": revision,
        "approvalMode": "REQUIRED",
        "payload": {},
        "steps": [
            step("Preflight", "SUCCEEDED", "10:00:00", "10:00:30"),
            step("ExportAssets", "SUCCEEDED", "10:00:30", "10:05:00", output={"reason": "two chunks"}),
            step("UploadAssets", "RUNNING", "10:05:00"),
        ],
        **changes,
    }


def step(name: str, status: str, began: str, ended: str = "", **more: Any) -> dict[str, Any]:
    """An attempt of a step."""
    found = {
        "step": name,
        "attempt": 1,
        "runNumber": 1,
        "stepStatus": status,
        "startedAt": f"2026-11-21T{began}.000000Z",
    }
    return {**found, **({"endedAt": f"2026-11-21T{ended}.000000Z"} if ended else {}), **more}


def waiting() -> dict[str, Any]:
    """The same, with a plan that waits for a person."""
    found = {"kind": "APPROVAL", "step": "WaitForApproval", "since": "2026-11-21T10:10:00.000000Z"}
    return job("WAITING_FOR_APPROVAL", 9, waiting=found, planHash=HASH, currentStep="WaitForApproval")


def ended(status: str, **changes: Any) -> dict[str, Any]:
    """The same, over."""
    return job(status, 20, endedAt="2026-11-21T10:20:00.000000Z", **changes)


def failed() -> dict[str, Any]:
    """The same, stopped at its import."""
    error = {"code": "IMPORT_FAILED", "message": "no such secret"}
    steps = [*job()["steps"][:2], step("ImportAssets", "FAILED", "10:10:00", "10:20:00", error=error, attempt=2)]
    return ended("FAILED", failedStep="ImportAssets", error=error, targetState="UNKNOWN", steps=steps)


def item(action: str, asset_type: str, asset_id: str, **more: Any) -> dict[str, Any]:
    """An item of a plan."""
    return {
        "assetType": asset_type,
        "assetId": asset_id,
        "targetAssetId": asset_id,
        "name": asset_id.title(),
        "action": action,
        "chunk": 1,
        "differences": [],
        **more,
    }


def plan_page(items: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    """An answer of GET …/plan."""
    changed = [{"path": f"$.Columns[{number}]", "from": "x" * 60, "to": None} for number in range(7)]
    shown = items or [
        item("UNCHANGED", "THEME", "dark"),
        item("CREATE", "DASHBOARD", "sales", targetAssetId="eu-sales"),
        item("UPDATE", "DATASET", "orders", differences=changed),
        item("CONFLICT", "DATASOURCE", "warehouse"),
    ]
    plan = {
        "jobId": JOB_ID,
        "attempt": 1,
        "createdAt": STAMP,
        "sourceAccountId": SOURCE,
        "sourceRegion": "us-east-1",
        "targetAccountId": TARGET,
        "targetRegion": "eu-west-1",
        "bundles": [],
        "conflictPolicy": "PREFIX",
        "prefix": "eu-",
        "items": shown,
        "overrides": {},
        "permissions": [
            {
                "assetType": "DASHBOARD",
                "assetId": "sales",
                "targetAssetId": "eu-sales",
                "access": "VIEWER",
                "principals": [GROUP],
                "actions": ["quicksight:DescribeDashboard"],
                "replace": True,
            }
        ],
        "warnings": ["the dashboard shows [bold]two[/bold] sheets less"],
        "errors": [{"path": "$.overrides", "message": "no data source orders-eu"}],
        "counts": {"CONFLICT": 1, "CREATE": 1, "UNCHANGED": 1, "UPDATE": 1},
    }
    return {"jobId": JOB_ID, "planHash": HASH, "plan": plan, **more}


def report(status: str = "COMPLETED", **changes: Any) -> dict[str, Any]:
    """A drift report with its assets."""
    ends = {"sourceAccountId": SOURCE, "targetAccountId": TARGET, "jobId": JOB_ID}
    assets = [
        {"status": status, "assetType": kind, "assetId": name, "targetAssetId": name, "name": name.title(), **ends}
        for status, kind, name in (("IN_SYNC", "THEME", "dark"), ("TARGET_CHANGED", "DASHBOARD", "sales"))
    ]
    counts = {"IN_SYNC": 1, "TARGET_CHANGED": 1}
    refused = [{"accountId": SOURCE, "side": "SOURCE", "message": "AccessDenied"}]
    whole = {"reportId": REPORT_ID, "createdAt": STAMP, "counts": counts, "unreachable": refused, "assets": assets}
    made = {"counts": counts, "report": whole} if status == "COMPLETED" else {}
    return {"reportId": REPORT_ID, "status": status, "createdAt": STAMP, "initiatedBy": "user:ada", **made, **changes}
