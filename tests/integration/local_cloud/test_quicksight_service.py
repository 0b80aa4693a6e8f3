"""QuickSight over the wire: requests, bundles across accounts, links, control plane."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local_cloud import commands
from local_cloud.ports import free_port
from local_cloud.process import Server
from local_cloud.quicksight import examples
from local_cloud.session import LocalCloud
from local_cloud.settings import Settings
from tests.integration.local_cloud.conftest import Cloud, eventually
from tests.integration.local_cloud.quicksight_accounts import EXPORT, Account, new_account
from tests.integration.local_cloud.resources import unique


@pytest.fixture
def dev(cloud: Cloud) -> Account:
    return new_account(cloud, examples.dev())


@pytest.fixture
def prod(cloud: Cloud) -> Account:
    return new_account(cloud, examples.prod())


def fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return bytes(answer.read())


def credentials(account: Account) -> dict[str, Any]:
    secret = f"arn:aws:secretsmanager:us-east-1:{account.number}:secret:warehouse"
    return {"DataSources": [{"DataSourceId": "warehouse", "Credentials": {"SecretArn": secret}}]}


def test_a_dashboard_goes_from_one_account_to_another(dev: Account, prod: Account) -> None:
    # Given a dashboard with all that it needs, in a file
    file = fetched(dev.exported("dashboard/sales-overview")["DownloadUrl"])
    assert "dashboard/sales-overview.json" in zipfile.ZipFile(io.BytesIO(file)).namelist()

    # When the other account imports it from a bucket of its own
    job = prod.imported({"S3Uri": prod.stored(file)}, OverrideParameters=credentials(prod))

    # Then the dashboard is there and refers to that account alone
    assert job["JobStatus"] == "SUCCESSFUL"
    names = {"AwsAccountId": prod.number, "DashboardId": "sales-overview"}
    found = prod.client().describe_dashboard(**names)["Dashboard"]
    assert found["Version"]["DataSetArns"] == [prod.arn("dataset/orders"), prod.arn("dataset/customers")]
    assert dev.number not in str(prod.client().describe_dashboard_definition(**names))


def test_a_link_expires_and_another_is_given(dev: Account) -> None:
    # Given
    job = dev.exported("theme/brand")
    dev.control.inject({"operation": "Download", "times": 1, "action": {"type": "expire"}})

    # When / Then
    with pytest.raises(urllib.error.HTTPError) as refused:
        fetched(job["DownloadUrl"])
    assert (refused.value.code, b"Request has expired" in refused.value.read()) == (403, True)
    names = {"AwsAccountId": dev.number, "AssetBundleExportJobId": job["AssetBundleExportJobId"]}
    again = dev.client().describe_asset_bundle_export_job(**names)["DownloadUrl"]
    assert again != job["DownloadUrl"]
    assert zipfile.ZipFile(io.BytesIO(fetched(again))).namelist() == ["theme/brand.json"]


def test_a_lost_answer_is_a_failed_call_that_was_carried_out(dev: Account) -> None:
    # Given
    dev.control.inject({"operation": "StartAssetBundleExportJob", "action": {"type": "lost_response"}})
    names = {"AwsAccountId": dev.number, "AssetBundleExportJobId": unique("export")}

    # When
    with pytest.raises(ClientError, match="InternalFailure"):
        dev.client().start_asset_bundle_export_job(**names, **EXPORT, ResourceArns=[dev.arn("theme/brand")])

    # Then
    assert dev.client().describe_asset_bundle_export_job(**names)["JobStatus"]


def test_refusals_are_botocores_exceptions(dev: Account, prod: Account) -> None:
    quicksight = dev.client()

    with pytest.raises(quicksight.exceptions.ResourceNotFoundException):
        quicksight.describe_dashboard(AwsAccountId=dev.number, DashboardId="none")
    with pytest.raises(quicksight.exceptions.AccessDeniedException):
        quicksight.list_dashboards(AwsAccountId=prod.number)
    dev.control.mode(edition="STANDARD")
    with pytest.raises(quicksight.exceptions.UnsupportedUserEditionException):
        dev.exported("theme/brand")
    dev.control.inject({"operation": "ListThemes", "action": {"type": "throttle"}})
    with pytest.raises(quicksight.exceptions.ThrottlingException):
        quicksight.list_themes(AwsAccountId=dev.number)


def test_faults_of_the_local_cloud_strike_here_too(cloud: Cloud, dev: Account) -> None:
    # Given a role, since administrators are spared
    role = dev.role({"Action": "quicksight:*", "Resource": "*"})
    rule = {"service": "quicksight", "operation": "ListThemes", "action": {"type": "throttle"}}
    cloud.control("POST", "faults", {"rules": [rule]})

    # When / Then
    try:
        with pytest.raises(ClientError, match="ThrottlingException"):
            cloud.client("quicksight", **role).list_themes(AwsAccountId=dev.number)
    finally:
        cloud.control("DELETE", "faults")


def test_the_control_plane_sets_up_looks_in_and_refuses(cloud: Cloud, dev: Account) -> None:
    assert dev.control.mode(pageSize=1) == {"edition": "ENTERPRISE", "pageSize": 1}
    assert len(dev.client().list_data_sets(AwsAccountId=dev.number)["DataSetSummaries"]) == 1
    [rule] = dev.control.inject({"asset": "orders", "phase": "EXPORT", "action": {"type": "fail"}})
    assert dev.exported("dataset/orders")["JobStatus"] == "FAILED"
    assert [each["rule"] for each in dev.control.injections()["log"]] == [rule]
    dev.control.clear()
    assert dev.control.injections() == {"rules": [], "log": []}
    assert "dataset/orders" in dev.control.state()["assets"]

    def refusal(path: str, body: Any) -> str:
        with pytest.raises(urllib.error.HTTPError) as refused:
            cloud.control("POST", path, body)
        return str(json.loads(refused.value.read())["error"])

    assert "$.assets[0]" in refusal("quicksight/account", {"assets": [{}]})
    assert "edition must be one of" in refusal("quicksight/mode", {"edition": "FREE"})
    assert "action.type must be one of" in refusal("quicksight/injections", {"rules": [{}]})
    assert "the body must be" in refusal("quicksight/injections", {})


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    chosen = Settings(free_port(), free_port(), tmp_path, None, chosen_partner_port=free_port())
    yield chosen
    Server(chosen).stop()


def test_a_restart_goes_on_and_a_reset_forgets(settings: Settings) -> None:
    # Given a running job on a slow clock, in a cloud that is stopped
    commands.up(settings, apply=False)
    quicksight = boto3.client(
        "quicksight",
        endpoint_url=settings.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id="111111111111",
        aws_secret_access_key="test",
    )
    names = {"AwsAccountId": "111111111111", "AssetBundleExportJobId": "export-1"}
    arns = ["arn:aws:quicksight:us-east-1:111111111111:dashboard/sales-overview"]
    control = LocalCloud.load(settings.state_dir).quicksight("111111111111")
    control.seed(examples.dev())
    control.clock(0.001)
    quicksight.start_asset_bundle_export_job(**names, **EXPORT, ResourceArns=arns)
    commands.down(settings)

    # When it is started again
    commands.up(settings, apply=False)
    control = LocalCloud.load(settings.state_dir).quicksight("111111111111")

    # Then the job is there and goes on, and ends when time is made to run
    assert quicksight.describe_asset_bundle_export_job(**names)["JobStatus"] == "QUEUED_FOR_IMMEDIATE_EXECUTION"
    control.clock(2000)
    found = eventually(lambda: quicksight.describe_asset_bundle_export_job(**names).get("DownloadUrl"), 20)
    assert fetched(found)

    # And after a reset there is nothing
    Server(settings).empty()
    assert quicksight.list_dashboards(AwsAccountId="111111111111")["DashboardSummaryList"] == []
    assert control.state()["scale"] == 20
