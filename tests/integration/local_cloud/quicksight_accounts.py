"""QuickSight of one account on the running server, for the contract tests of the simulator."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import Any

from local_cloud.quicksight.session import QuickSightSession
from tests.integration.local_cloud.conftest import Cloud, eventually
from tests.integration.local_cloud.resources import unique

FAST = 2000
_accounts = itertools.count(710_000_000_001)
EXPORT = {"ExportFormat": "QUICKSIGHT_JSON", "IncludeAllDependencies": True}


@dataclass(frozen=True)
class Account:
    """An account of its own; its access key is its number."""

    cloud: Cloud
    number: str
    region: str = "us-east-1"

    @property
    def control(self) -> QuickSightSession:
        return QuickSightSession(self.cloud.control, self.number, self.region)

    def client(self, service: str = "quicksight") -> Any:
        return self.cloud.client(service, aws_access_key_id=self.number, aws_secret_access_key="test")

    def role(self, *statements: dict[str, Any]) -> dict[str, str]:
        """Credentials, as boto3 takes them, of a session of a role of this account that may do what these say."""
        iam, name = self.client("iam"), unique("role")
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{self.number}:root"},
            "Action": "sts:AssumeRole",
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]}
        iam.put_role_policy(RoleName=name, PolicyName="policy", PolicyDocument=json.dumps(policy))
        given = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="job-1")["Credentials"]
        return {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }

    def arn(self, what: str) -> str:
        return f"arn:aws:quicksight:{self.region}:{self.number}:{what}"

    def exported(self, *assets: str, client: Any = None, **more: Any) -> dict[str, Any]:
        """An export job of assets, such as `dashboard/sales-overview`, once it has ended."""
        quicksight, job = client or self.client(), unique("export")
        wanted = {**EXPORT, "ResourceArns": [self.arn(each) for each in assets], **more}
        quicksight.start_asset_bundle_export_job(AwsAccountId=self.number, AssetBundleExportJobId=job, **wanted)

        def ended() -> dict[str, Any] | None:
            found = self.client().describe_asset_bundle_export_job(AwsAccountId=self.number, AssetBundleExportJobId=job)
            return dict(found) if found["JobStatus"] in ("SUCCESSFUL", "FAILED") else None

        return dict(eventually(ended, 20))

    def imported(self, source: dict[str, Any], client: Any = None, **more: Any) -> dict[str, Any]:
        """An import job once it has ended."""
        quicksight, job = client or self.client(), unique("import")
        quicksight.start_asset_bundle_import_job(
            AwsAccountId=self.number, AssetBundleImportJobId=job, AssetBundleImportSource=source, **more
        )

        def ended() -> dict[str, Any] | None:
            found = self.client().describe_asset_bundle_import_job(AwsAccountId=self.number, AssetBundleImportJobId=job)
            running = ("QUEUED_FOR_IMMEDIATE_EXECUTION", "IN_PROGRESS", "FAILED_ROLLBACK_IN_PROGRESS")
            return dict(found) if found["JobStatus"] not in running else None

        return dict(eventually(ended, 20))

    def stored(self, file: bytes) -> str:
        """The S3 URI of a file in a new bucket of this account."""
        s3, bucket = self.client("s3"), unique("staging")
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="bundle.qs", Body=file)
        return f"s3://{bucket}/bundle.qs"


def new_account(cloud: Cloud, document: dict[str, Any], region: str = "us-east-1") -> Account:
    """An account that no other test uses, with what a document says; its QuickSight is fast."""
    account = Account(cloud, str(next(_accounts)), region)
    account.control.clock(FAST)
    account.control.seed(document)
    return account
