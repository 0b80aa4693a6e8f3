"""The operations that are simulated, by name."""

from __future__ import annotations

from collections.abc import Callable

from local_cloud.quicksight import describing, editing, folders, identities, jobs
from local_cloud.quicksight.calls import Call
from local_cloud.quicksight.engine import Engine
from local_cloud.quicksight.kinds import BY_NAME, KINDS
from local_cloud.quicksight.permissions import has_permissions
from local_cloud.quicksight.state import Record

Operation = Callable[[Engine, Call], Record]
_PLURALS = {"Analysis": "Analyses"}


def _of_assets() -> dict[str, Operation]:
    found: dict[str, Operation] = {}
    for kind in KINDS:
        found |= {
            f"Create{kind.noun}": editing.create(kind),
            f"Describe{kind.noun}": describing.describe(kind),
            f"Update{kind.noun}": editing.update(kind),
            f"Delete{kind.noun}": editing.delete(kind),
            f"List{_PLURALS.get(kind.noun, f'{kind.noun}s')}": describing.listing(kind),
        }
        if has_permissions(kind):
            found[f"Describe{kind.noun}Permissions"] = editing.describe_permissions(kind)
            found[f"Update{kind.noun}Permissions"] = editing.update_permissions(kind)
    return found


def all_operations(link: jobs.Link) -> dict[str, Operation]:
    """The operations; `link` makes the URLs of bundles."""
    dashboard, analysis, theme = (BY_NAME[name] for name in ("dashboard", "analysis", "theme"))
    return {
        **_of_assets(),
        **identities.OPERATIONS,
        "DescribeDashboardDefinition": describing.describe_definition(dashboard),
        "DescribeAnalysisDefinition": describing.describe_definition(analysis),
        "ListDashboardVersions": describing.list_versions(dashboard),
        "ListThemeVersions": describing.list_versions(theme),
        "UpdateDashboardPublishedVersion": editing.publish_dashboard,
        "RestoreAnalysis": editing.restore_analysis,
        "PutDataSetRefreshProperties": editing.put_refresh_properties,
        "DescribeDataSetRefreshProperties": describing.describe_refresh_properties,
        "DeleteDataSetRefreshProperties": editing.delete_refresh_properties,
        "CreateFolderMembership": folders.create_membership,
        "DeleteFolderMembership": folders.delete_membership,
        "ListFolderMembers": folders.list_members,
        "ListFoldersForResource": folders.list_folders_of,
        "TagResource": editing.tag,
        "UntagResource": editing.untag,
        "ListTagsForResource": editing.list_tags,
        "StartAssetBundleExportJob": jobs.start("Export"),
        "DescribeAssetBundleExportJob": jobs.describe_export(link),
        "ListAssetBundleExportJobs": jobs.listing("Export"),
        "StartAssetBundleImportJob": jobs.start("Import"),
        "DescribeAssetBundleImportJob": jobs.describe_import,
        "ListAssetBundleImportJobs": jobs.listing("Import"),
    }
