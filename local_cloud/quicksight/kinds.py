"""The kinds of assets that are simulated: their names in ARNs, in bundles and in the API.

ARN forms: Service Authorization Reference, Amazon QuickSight.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SCHEDULE = "/refresh-schedule/"
_ARN = re.compile(
    r"arn:aws:quicksight:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):(?P<kind>[A-Za-z]+)/(?P<id>[^\s:]+)"
)


@dataclass(frozen=True)
class Kind:
    """`name` is that in ARNs and bundles, `noun` that in operations, `label` that in seeds and folders.

    `listing` is the member of the List answer that has the items.
    """

    name: str
    noun: str
    label: str
    listing: str

    @property
    def id_member(self) -> str:
        """The member of a request that has the asset's id."""
        return "ScheduleId" if self.name == "refreshSchedule" else f"{self.noun}Id"


# In the order in which a bundle is imported: what others depend on comes first.
KINDS = (
    Kind("folder", "Folder", "FOLDER", "FolderSummaryList"),
    Kind("vpcConnection", "VPCConnection", "VPC_CONNECTION", "VPCConnectionSummaries"),
    Kind("datasource", "DataSource", "DATASOURCE", "DataSources"),
    Kind("theme", "Theme", "THEME", "ThemeSummaryList"),
    Kind("dataset", "DataSet", "DATASET", "DataSetSummaries"),
    Kind("refreshSchedule", "RefreshSchedule", "REFRESH_SCHEDULE", "RefreshSchedules"),
    Kind("topic", "Topic", "TOPIC", "TopicsSummaries"),
    Kind("analysis", "Analysis", "ANALYSIS", "AnalysisSummaryList"),
    Kind("dashboard", "Dashboard", "DASHBOARD", "DashboardSummaryList"),
)
BY_NAME = {kind.name: kind for kind in KINDS}
BY_LABEL = {kind.label: kind for kind in KINDS}


def key_of(kind: Kind, identifier: str) -> str:
    """What an asset is kept under: `dashboard/sales`; a schedule's id is `<dataset>/<schedule>`."""
    return f"{kind.name}/{identifier}"


def kind_of(key: str) -> Kind:
    """The kind of what is kept under a key."""
    return BY_NAME[key.partition("/")[0]]


def arn_of(key: str, account: str, region: str) -> str:
    """ARN of the asset that is kept under a key."""
    name, _, identifier = key.partition("/")
    if name == "refreshSchedule":
        dataset, _, schedule = identifier.partition("/")
        name, identifier = "dataset", f"{dataset}{SCHEDULE}{schedule}"
    return f"arn:aws:quicksight:{region}:{account}:{name}/{identifier}"


def key_in(arn: str) -> tuple[str, str, str] | None:
    """Key, account and Region of an asset's ARN; None for anything else, such as a user's or a theme of AWS's own."""
    found = _ARN.fullmatch(arn)
    if found is None:
        return None
    name, identifier = found["kind"], found["id"]
    if name == "dataset" and SCHEDULE in identifier:
        name, identifier = "refreshSchedule", identifier.replace(SCHEDULE, "/")
    if name not in BY_NAME:
        return None
    return f"{name}/{identifier}", found["account"], found["region"]
