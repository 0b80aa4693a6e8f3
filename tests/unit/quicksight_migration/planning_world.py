"""A migration from preflight to verification between the two example accounts, led as the machine does."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local_cloud.quicksight import examples
from quicksight_migration import worker
from quicksight_migration.drift.verify_target import verify_target
from quicksight_migration.permissions.update_permissions import update_permissions
from quicksight_migration.planning.plan import Plan, read_plan
from quicksight_migration.planning.preflight import preflight
from tests.unit.quicksight_migration.bundle_world import REGION, SOURCE, TARGET, WORKERS, BundleWorld, arn

ALL_WORKERS = {
    **WORKERS,
    "Preflight": preflight,
    "UpdatePermissions": update_permissions,
    "VerifyTarget": verify_target,
}
UP_TO_PLAN = ("Preflight", "ExportAssets", "UploadAssets", "PlanImport")
SECRET = f"arn:aws:secretsmanager:{REGION}:{TARGET}:secret:warehouse-prod-GhIjKl"
OVERRIDES: Mapping[str, Any] = {
    "DataSources": [
        {"DataSourceId": "sales-athena", "DataSourceParameters": {"AthenaParameters": {"WorkGroup": "prod"}}},
        {
            "DataSourceId": "warehouse",
            "DataSourceParameters": {
                "PostgreSqlParameters": {"Host": "warehouse.example.com", "Port": 5432, "Database": "sales"}
            },
            "Credentials": {"SecretArn": SECRET},
        },
    ]
}
OWNERS, VIEWERS = (f"arn:aws:quicksight:{REGION}:{TARGET}:group/default/{name}" for name in ("bi-owners", "bi-viewers"))
PERMISSIONS = [
    {
        "assetTypes": ["DASHBOARD", "ANALYSIS", "DATASET", "DATASOURCE", "THEME"],
        "principals": [OWNERS],
        "access": "OWNER",
    },
    {"assetTypes": ["DASHBOARD"], "principals": [VIEWERS], "access": "VIEWER"},
]


def payload(**more: Any) -> dict[str, Any]:
    """The dashboard of the example account with what it needs; `more` replaces members."""
    return {
        "sourceAccountId": SOURCE,
        "targetAccountId": TARGET,
        "assets": [arn("dashboard/sales-overview"), arn("analysis/sales-overview")],
        "overrides": OVERRIDES,
        **more,
    }


@dataclass
class PlanningWorld(BundleWorld):
    """`payload` is the job's body without options."""

    payload: Mapping[str, Any] = field(default_factory=payload)
    options: Mapping[str, Any] = field(default_factory=lambda: {"strictValidation": True})

    def __post_init__(self) -> None:
        super().__post_init__()
        self.simulators[SOURCE].seed(examples.dev())
        self.simulators[TARGET].seed(examples.prod())
        self.store.steps.clear()

    def call(self, step: str, attempt: int = 1, progress: Mapping[str, Any] | None = None) -> worker.Answer:
        event = {"jobId": self.store.job.job_id, "step": step, "attempt": attempt, "progress": dict(progress or {})}
        answer = worker.run(event, lambda task: ALL_WORKERS[step](self.tools, task))
        self.answers.append(answer)
        return answer

    def seed_document(self, account: str = SOURCE) -> dict[str, Any]:
        """What the account holds at first, to be changed and seeded again."""
        return copy.deepcopy(dict(examples.dev() if account == SOURCE else examples.prod()))

    def planned(self) -> Plan:
        """Everything up to the plan, which must succeed."""
        answer = self.through(*UP_TO_PLAN)
        return read_plan(self.storage.files.get_json(answer["output"]["planKey"]))

    def stored(self, key: str) -> Any:
        return self.storage.files.get_json(key)

    def migrated(self) -> Plan:
        """Everything, with success."""
        plan = self.planned()
        self.through("BackupTarget", "ImportAssets", "UpdatePermissions", "VerifyTarget")
        return plan

    def problems(self, answer: worker.Answer) -> list[str]:
        """`path: message` of a failed answer."""
        return [f"{each['path']}: {each['message']}" for each in answer["error"]["details"]]
