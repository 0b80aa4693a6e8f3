"""Over the whole suite, what each role may do equals what the local cloud saw it need."""

from __future__ import annotations

import pytest

from tests.e2e.permissions import left_over, refused, roles_of
from tests.e2e.quicksight_migration.migrations import SOURCE, TARGET, Migrations

# What only rare paths need; a run of the suite may take them or not.
ABSENT = "with it S3 answers 404 instead of 403 about a file that is not there; the local cloud always does"
BROKEN_OFF = "a bundle in several parts that breaks off is given up"
READERS = (
    *("api-handler", "backup-target", "drift-report", "export-assets", "import-assets", "plan-import", "preflight"),
    *("update-permissions", "upload-assets", "verify-target"),
)
UNUSED = {
    **{(reader, "s3:ListBucket"): ABSENT for reader in READERS},
    ("api-handler", "sns:Publish"): "an alert that is still due is told by whoever comes by",
    ("backup-target", "s3:AbortMultipartUpload"): BROKEN_OFF,
    ("upload-assets", "s3:AbortMultipartUpload"): BROKEN_OFF,
    ("job-reconciler", "dynamodb:BatchGetItem"): "lines for slots of a job whose machine died are read together",
    ("job-reconciler", "states:SendTaskSuccess"): "an answer that was lost is sent again",
    ("job-updates", "dynamodb:DeleteItem"): "a connection that ended without a word is forgotten",
}
# Asked for by an option, or the examples have none of them; all are in AWS's own policies for bundles, folders apart.
SIDES = {"source": SOURCE, "target": TARGET}
OPTIONAL = "only with includePermissions"
FOLDERS = "only where folders come along"
CONNECTIONS = "only where a data source lies in a VPC"
UNUSED_THERE = {
    **{
        ("source", f"quicksight:Describe{kind}Permissions"): OPTIONAL
        for kind in ("Analysis", "Dashboard", "DataSet", "DataSource", "Folder", "Theme")
    },
    ("target", "quicksight:DescribeFolderPermissions"): OPTIONAL,
    **{
        (side, f"quicksight:{action}"): FOLDERS
        for side in SIDES
        for action in ("DescribeFolder", "ListFolderMembers", "ListFoldersForResource")
    },
    **{
        ("target", f"quicksight:{action}"): FOLDERS
        for action in (
            *("CreateFolder", "CreateFolderMembership", "DeleteFolder", "DeleteFolderMembership"),
            *("UpdateFolder", "UpdateFolderPermissions"),
        )
    },
    **{(side, "quicksight:DescribeVPCConnection"): CONNECTIONS for side in SIDES},
    **{("target", f"quicksight:{verb}VPCConnection"): CONNECTIONS for verb in ("Create", "Delete", "Update")},
    **{
        (side, "quicksight:DescribeTopic"): "a topic is looked at to be told that it cannot be migrated"
        for side in SIDES
    },
    ("source", "quicksight:DescribeAnalysisDefinition"): "an analysis that is migrated for itself",
    ("target", "quicksight:DescribeUser"): "permissions for a person instead of a group",
    (
        "target",
        "quicksight:UpdateDashboardLinks",
    ): "AWS's policy for imports has it for dashboards that analyses are linked to",
    ("target", "quicksight:DeleteDataSetRefreshProperties"): "AWS's policy for imports has it for a rollback",
    ("target", "quicksight:UntagResource"): "AWS's policy for imports has it for tags that a bundle no longer has",
    ("target", "s3:AbortMultipartUpload"): BROKEN_OFF,
}
ON_PURPOSE: set[tuple[str, str]] = set()


@pytest.mark.last(5)
def test_each_role_may_do_exactly_what_it_was_seen_to_need(migrations: Migrations) -> None:
    assert left_over(migrations.cloud, roles_of(migrations.system), UNUSED) == ""


@pytest.mark.last(5)
@pytest.mark.parametrize("side", SIDES)
def test_so_may_the_roles_in_the_other_accounts(migrations: Migrations, side: str) -> None:
    role = migrations.cloud.outputs("quicksight-migration")["accounts"][side]["role_name"]
    assert left_over(migrations.cloud, [role], UNUSED_THERE, SIDES[side]) == ""


@pytest.mark.last(6)
def test_nobody_was_refused_anything_but_on_purpose(migrations: Migrations) -> None:
    functions = migrations.system["role_names"]["functions"]
    on_purpose = {(functions[name], action) for name, action in ON_PURPOSE}
    assert refused(migrations.cloud, roles_of(migrations.system)) <= on_purpose
