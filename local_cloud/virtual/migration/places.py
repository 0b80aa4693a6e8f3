"""Where things are in the virtual cloud of a migration, and the values that modules/quicksight-migration sets."""

from __future__ import annotations

from pathlib import Path

REGION = "us-east-1"
TOOLS, SOURCE, TARGET = "000000000000", "111111111111", "222222222222"
NAME = "biops"
BUNDLE_BUCKET = "biops-bundles"
SOURCE_ROLE, TARGET_ROLE = (
    f"arn:aws:iam::{SOURCE}:role/towpath-bi-source",
    f"arn:aws:iam::{TARGET}:role/towpath-bi-target",
)
STAGING_BUCKET = f"towpath-bi-staging-{TARGET}"

DEFINITION = Path(__file__).parents[3] / "asl" / "quicksight_migration.asl.json"
MACHINE_ARN = f"arn:aws:states:{REGION}:{TOOLS}:stateMachine:{NAME}-migration"
QUEUE_ARN = f"arn:aws:sqs:{REGION}:{TOOLS}:{NAME}-machine-ended"
TOPIC_ARN = f"arn:aws:sns:{REGION}:{TOOLS}:{NAME}-alerts"

UPDATER, RECONCILER = f"{NAME}-job-status-updater", f"{NAME}-job-reconciler"
PREFLIGHT, EXPORT, UPLOAD = f"{NAME}-preflight", f"{NAME}-export-assets", f"{NAME}-upload-assets"
PLAN, BACKUP, IMPORT = f"{NAME}-plan-import", f"{NAME}-backup-target", f"{NAME}-import-assets"
PERMISSIONS, VERIFY = f"{NAME}-update-permissions", f"{NAME}-verify-target"
API = f"{NAME}-api-handler"
WORKERS = (PREFLIGHT, EXPORT, UPLOAD, PLAN, BACKUP, IMPORT, PERMISSIONS, VERIFY)
FUNCTIONS = (*WORKERS, UPDATER, RECONCILER)
TIMEOUTS = {
    **dict.fromkeys((PREFLIGHT, EXPORT, PLAN, PERMISSIONS, VERIFY), 300.0),
    **dict.fromkeys((UPLOAD, BACKUP, IMPORT), 900.0),
    UPDATER: 30.0,
    RECONCILER: 60.0,
}
API_SECONDS = 29.0
RECONCILE_SECONDS = 300.0


def function_arn(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:{TOOLS}:function:{name}"


def machine_values(approval_timeout_seconds: int) -> dict[str, object]:
    """What Terraform fills into the machine's definition."""
    arns = {f"{name.removeprefix(f'{NAME}-').replace('-', '_')}_function_arn": function_arn(name) for name in FUNCTIONS}
    return {
        **arns,
        "approval_timeout_seconds": approval_timeout_seconds,
        "worker_timeout_seconds": 905,
        "updater_timeout_seconds": 35,
    }
