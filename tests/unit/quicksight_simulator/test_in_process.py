"""A boto3 client on a simulator, as unit tests of what is built on QuickSight use it."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError

from local_cloud.aws_models.in_process import bind
from tests.unit.quicksight_simulator.accounts import DASHBOARD, Account, credentials, dev, documents, prod


def client_of(account: Account) -> Any:
    config = Config(retries={"total_max_attempts": 1})
    client = boto3.client(
        "quicksight", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x", config=config
    )
    bind(client, account.simulator, "arn:aws:sts::111111111111:assumed-role/bi/job-1")
    return client


def test_a_migration_from_start_to_end() -> None:
    # Given
    source, target = dev(), prod()
    names = {"AwsAccountId": source.number, "AssetBundleExportJobId": "export-1"}
    client_of(source).start_asset_bundle_export_job(
        **names,
        ResourceArns=[source.arn(DASHBOARD)],
        ExportFormat="QUICKSIGHT_JSON",
        IncludeAllDependencies=True,
        ValidationStrategy={"StrictModeForAllResources": True},
    )
    source.wait()
    found = client_of(source).describe_asset_bundle_export_job(**names)
    assert (found["JobStatus"], found["ValidationStrategy"]) == ("SUCCESSFUL", {"StrictModeForAllResources": True})

    # When
    names = {"AwsAccountId": target.number, "AssetBundleImportJobId": "import-1"}
    client_of(target).start_asset_bundle_import_job(
        **names,
        AssetBundleImportSource={"Body": source.simulator.download(found["DownloadUrl"])},
        OverrideParameters=credentials(target),
        FailureAction="ROLLBACK",
    )
    target.wait()

    # Then
    assert client_of(target).describe_asset_bundle_import_job(**names)["JobStatus"] == "SUCCESSFUL"
    pages = client_of(target).get_paginator("list_data_sets").paginate(AwsAccountId=target.number)
    assert {each["DataSetId"] for page in pages for each in page["DataSetSummaries"]} == {"orders", "customers"}
    definition = client_of(target).describe_dashboard_definition(
        AwsAccountId=target.number, DashboardId="sales-overview"
    )
    assert definition["Definition"]["Sheets"][0]["Visuals"][0]["KPIVisual"]["VisualId"] == "published-revenue"


def test_refusals_are_botocores_exceptions_with_their_message() -> None:
    client = client_of(dev())

    with pytest.raises(client.exceptions.ResourceNotFoundException, match="dashboard none does not exist") as refused:
        client.describe_dashboard(AwsAccountId="111111111111", DashboardId="none")

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_a_lost_response_starts_the_job_and_raises() -> None:
    account = dev()
    account.simulator.inject({"operation": "StartAssetBundleExportJob", "action": {"type": "lost_response"}})

    with pytest.raises(ConnectionClosedError):
        client_of(account).start_asset_bundle_export_job(
            AwsAccountId=account.number,
            AssetBundleExportJobId="export-1",
            ResourceArns=[account.arn("theme/brand")],
            ExportFormat="QUICKSIGHT_JSON",
        )
    account.wait()

    assert set(documents(account.simulator.download(account.export()["DownloadUrl"]))) == {"theme/brand.json"}
