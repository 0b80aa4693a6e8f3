"""The bundle steps of a migration over the wire: two accounts with their roles, S3 in parts, downloads by HTTP."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from local_cloud.quicksight import examples
from quicksight_migration.accounts.facts import BiAccount
from quicksight_migration.bundles.backing_up import backup_target
from quicksight_migration.bundles.exporting import export_assets
from quicksight_migration.bundles.importing import import_assets
from quicksight_migration.bundles.storage import Bucket
from quicksight_migration.bundles.upload import PART
from quicksight_migration.bundles.uploading import upload_assets
from quicksight_migration.planning.plan_import import plan_import
from quicksight_migration.records.job import Job, StepRun
from quicksight_migration.records.store import View
from quicksight_migration.settings import Settings
from quicksight_migration.worker import run
from quicksight_migration.worker_tools import WorkerTools, make_worker_tools
from tests.integration.local_cloud.conftest import Cloud
from tests.integration.local_cloud.quicksight_accounts import Account, new_account
from tests.integration.local_cloud.resources import unique

REGION = "us-east-1"
WORKERS = {
    "ExportAssets": export_assets,
    "UploadAssets": upload_assets,
    "PlanImport": plan_import,
    "BackupTarget": backup_target,
    "ImportAssets": import_assets,
}


@dataclass
class OneJob:
    """What workers read of the store."""

    job: Job
    steps: list[StepRun] = field(default_factory=list)

    def view(self, _job_id: str) -> View:
        return View(self.job, tuple(self.steps))

    def record(self, step: str, output: Mapping[str, Any]) -> None:
        """The step has succeeded with this output."""
        revision = self.job.revision + 1
        done: dict[str, Any] = {"step_status": "SUCCEEDED", "started_revision": revision, "ended_revision": revision}
        self.steps.append(StepRun(job_id=self.job.job_id, step=step, output=output, **done))
        plan = {"plan_key": output["planKey"], "plan_hash": output["planHash"]} if "planHash" in output else {}
        self.job = replace(self.job, revision=revision, **plan)


def overrides(target: str) -> dict[str, Any]:
    """What the target's data sources have of their own."""
    secret = f"arn:aws:secretsmanager:{REGION}:{target}:secret:warehouse-AbCdEf"
    database = {"Host": "warehouse.example.com", "Port": 5432, "Database": "sales"}
    return {
        "DataSources": [
            {"DataSourceId": "sales-athena", "DataSourceParameters": {"AthenaParameters": {"WorkGroup": "prod"}}},
            {
                "DataSourceId": "warehouse",
                "DataSourceParameters": {"PostgreSqlParameters": database},
                "Credentials": {"SecretArn": secret},
            },
        ]
    }


def role(account: Account) -> str:
    """A role of the account that the workers may assume."""
    statements = {"Effect": "Allow", "Action": ["quicksight:*", "s3:*", "kms:*"], "Resource": "*"}
    iam, name = account.client("iam"), unique("towpath")
    trust = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "sts:AssumeRole"}
    document = '{"Version": "2012-10-17", "Statement": [%s]}'
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document % str(trust).replace("'", '"'))["Role"][
        "Arn"
    ]
    iam.put_role_policy(RoleName=name, PolicyName="policy", PolicyDocument=document % str(statements).replace("'", '"'))
    return str(arn)


def bucket(account: Account) -> str:
    name = unique("bundles")
    account.client("s3").create_bucket(Bucket=name)
    return name


def tools_of(cloud: Cloud, source: Account, target: Account, store: OneJob) -> WorkerTools:
    """Tools over the running server, with roles in both accounts."""
    files = unique("bundles")
    cloud.client("s3").create_bucket(Bucket=files)
    place = BiAccount(source.number, "dev", REGION, role(source))
    goal = BiAccount(target.number, "prod", REGION, role(target), staging_bucket=bucket(target))

    def make(service: str, _read_timeout: int = 0, _attempts: int = 0, region_name: str = "", **session: str) -> Any:
        assert region_name in ("", REGION)
        return cloud.client(service, **session)

    settings = Settings(
        bundle_bucket=files,
        source_accounts={source.number: place},
        target_accounts={target.number: goal},
        poll_seconds=1,
    )
    return replace(make_worker_tools(settings, make), store=store)


def led(tools: WorkerTools, store: OneJob, step: str) -> dict[str, Any]:
    """A step to its end, as the machine leads it."""
    progress: Mapping[str, Any] = {}
    while True:
        event = {"jobId": store.job.job_id, "step": step, "attempt": 1, "progress": progress}
        answer = run(event, lambda task: WORKERS[step](tools, task))
        if answer["state"] != "WAIT":
            return answer
        progress = answer["progress"]
        time.sleep(0.2)


def test_a_dashboard_goes_from_one_account_to_another(cloud: Cloud) -> None:
    # Given a development account with a dashboard, and a production account that has nothing
    source, target = new_account(cloud, examples.dev()), new_account(cloud, examples.prod())
    arns = [source.arn("dashboard/sales-overview"), source.arn("analysis/sales-overview")]
    store = OneJob(
        Job(
            job_id=f"job-{unique('a').replace('-', '')}",
            payload={"assets": arns, "overrides": overrides(target.number), "options": {"strictValidation": False}},
            source_account_id=source.number,
            source_region=REGION,
            target_account_id=target.number,
            target_region=REGION,
        )
    )
    tools = tools_of(cloud, source, target, store)
    key = tools.bucket.put_json(f"jobs/{store.job.job_id}/preflight-A1.json", {"chunks": [arns]})
    store.record("Preflight", {"preflightKey": key})

    # When all its steps have been led to their end
    for step in WORKERS:
        answer = led(tools, store, step)
        assert answer["state"] in ("SUCCEEDED", "SKIPPED"), answer
        store.record(step, answer.get("output", {}))

    # Then production has it, with its own data sources
    assets = target.control.state()["assets"]
    assert {"dashboard/sales-overview", "analysis/sales-overview", "dataset/orders"} <= set(assets)
    athena = assets["datasource/sales-athena"]["request"]["DataSourceParameters"]
    assert athena == {"AthenaParameters": {"WorkGroup": "prod"}}


def test_a_file_goes_in_parts_and_comes_back_by_ranges(cloud: Cloud) -> None:
    s3, name = cloud.client("s3"), unique("bundles")
    s3.create_bucket(Bucket=name)
    bucket = Bucket(s3, name)
    body = bytes(range(256)) * (PART // 256) + b"the end"
    written = bucket.write("large.qs", [body])
    assert bucket.digest("large.qs") == written
    with bucket.open("large.qs") as file:
        file.seek(-7, 2)
        assert file.read() == b"the end"
    assert s3.head_object(Bucket=name, Key="large.qs")["ServerSideEncryption"] == "aws:kms"
