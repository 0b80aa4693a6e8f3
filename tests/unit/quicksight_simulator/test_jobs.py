"""Bundle jobs: how many at a time, which ids, how long they are known, where their file is."""

from __future__ import annotations

from typing import Any

import pytest

from local_cloud.quicksight import DownloadRefused, LostResponse
from tests.unit.quicksight_simulator.accounts import Account, credentials, dev, prod

DAY = 24 * 3600
THEME = "theme/brand"


def test_a_job_passes_its_states_in_order() -> None:
    account = dev()
    account.start_export(THEME)
    seen = [account.export()["JobStatus"]]

    while (due := account.simulator.next_due()) is not None:
        account.clock.move_to(due)
        seen.append(account.export()["JobStatus"])

    assert list(dict.fromkeys(seen)) == ["QUEUED_FOR_IMMEDIATE_EXECUTION", "IN_PROGRESS", "SUCCESSFUL"]


def test_an_id_is_taken_while_its_job_runs_and_free_afterwards() -> None:
    account = dev()
    account.start_export(THEME)
    arns = [account.arn(THEME)]
    wanted = {"AssetBundleExportJobId": "export-1", "ResourceArns": arns, "ExportFormat": "QUICKSIGHT_JSON"}

    refused = account.refusal("StartAssetBundleExportJob", **wanted)
    assert (refused.code, refused.status) == ("ConflictException", 409)

    account.wait()
    first = account.export()["CreatedTime"]
    account.start_export(THEME)
    assert account.export()["CreatedTime"] > first
    assert account.export()["JobStatus"] == "QUEUED_FOR_IMMEDIATE_EXECUTION"
    assert len(account.call("ListAssetBundleExportJobs")["AssetBundleExportJobSummaryList"]) == 1


@pytest.mark.parametrize("which", ["Export", "Import"])
def test_five_jobs_of_a_kind_run_at_a_time(which: str) -> None:
    # Given five of them
    account = dev()

    def start(number: int) -> dict[str, Any]:
        job = f"job-{number}"
        return account.start_export(THEME, job=job) if which == "Export" else account.start_import(b"", job=job)

    for number in range(5):
        start(number)

    # Then a sixth is refused until one has ended, and the other kind is not concerned
    names = {"AwsAccountId": account.number, f"AssetBundle{which}JobId": "job-6"}
    more: dict[str, Any] = {"AssetBundleImportSource": {"S3Uri": "s3://a/b"}}
    if which == "Export":
        more = {"ResourceArns": [account.arn(THEME)], "ExportFormat": "QUICKSIGHT_JSON"}
    assert account.refusal(f"StartAssetBundle{which}Job", **{**names, **more}).code == "LimitExceededException"
    account.start_import(b"", job="other") if which == "Export" else account.start_export(THEME, job="other")
    account.wait()
    start(6)


def test_jobs_are_known_for_14_days() -> None:
    account = dev()
    account.exported(THEME)

    account.wait(14 * DAY - 300)
    assert account.export()["JobStatus"] == "SUCCESSFUL"

    account.wait(300)
    names = {"AssetBundleExportJobId": "export-1"}
    assert account.refusal("DescribeAssetBundleExportJob", **names).code == "ResourceNotFoundException"
    assert account.call("ListAssetBundleExportJobs")["AssetBundleExportJobSummaryList"] == []


def test_a_link_is_valid_for_five_minutes_and_each_is_another() -> None:
    # Given
    account = dev()
    first = account.exported(THEME)["DownloadUrl"]
    account.wait(200)
    second = account.export()["DownloadUrl"]

    # When / Then
    account.wait(99)
    assert account.simulator.download(first) == account.simulator.download(second)
    account.wait(1)
    with pytest.raises(DownloadRefused) as refused:
        account.simulator.download(first)
    assert (refused.value.status, refused.value.code) == (403, "AccessDenied")
    assert account.simulator.download(second)
    with pytest.raises(DownloadRefused):
        account.simulator.download(second.replace("token=", "token=0"))


@pytest.mark.parametrize(
    ("arn", "message"),
    [
        ("arn:aws:quicksight:us-east-1:222222222222:theme/brand", "is no asset of account"),
        ("arn:aws:quicksight:eu-west-1:111111111111:theme/brand", "is no asset of account"),
        ("arn:aws:quicksight:us-east-1:111111111111:user/default/ann", "is no asset of account"),
        ("theme/brand", "is no asset of account"),
    ],
)
def test_only_assets_of_the_account_and_region_can_be_asked_for(arn: str, message: str) -> None:
    wanted = {"AssetBundleExportJobId": "export-1", "ResourceArns": [arn], "ExportFormat": "QUICKSIGHT_JSON"}

    refused = dev().refusal("StartAssetBundleExportJob", **wanted)

    assert refused.code == "InvalidParameterValueException"
    assert message in refused.message


def test_what_the_model_does_not_allow_is_refused_by_name() -> None:
    account = dev()
    arns = [account.arn(f"dashboard/d{number}") for number in range(101)]

    refused = account.refusal("StartAssetBundleExportJob", AssetBundleExportJobId="a b", ResourceArns=arns)

    assert refused.code == "ValidationException"
    for name in ("AssetBundleExportJobId", "ResourceArns", "ExportFormat"):
        assert name in refused.message


def test_bundles_need_enterprise_edition_and_the_callers_own_account() -> None:
    account = dev(edition="STANDARD")
    wanted = {"ResourceArns": [account.arn(THEME)], "ExportFormat": "QUICKSIGHT_JSON"}

    refused = account.refusal("StartAssetBundleExportJob", AssetBundleExportJobId="export-1", **wanted)
    assert (refused.code, refused.status) == ("UnsupportedUserEditionException", 403)
    assert account.refusal("ListDashboards", AwsAccountId="222222222222").code == "AccessDeniedException"


def test_a_lost_answer_leaves_a_job_and_a_delayed_request_makes_one_later() -> None:
    # Given
    account = dev()
    for kind, number in (("lost_response", 1), ("delayed_request", 2)):
        rule = {"operation": "Start*", "job": f"export-{number}", "times": 1, "action": {"type": kind}}
        account.simulator.inject(rule)
        with pytest.raises(LostResponse):
            account.start_export(THEME, job=f"export-{number}")

    # Then one is there and the other not yet
    assert account.export("export-1")
    assert account.refusal("DescribeAssetBundleExportJob", AssetBundleExportJobId="export-2").status == 404
    account.wait(5)
    assert account.export("export-2")


def test_a_request_that_arrives_too_late_is_refused_to_nobody() -> None:
    # Given a request under way, whose sender has sent another
    account = dev()
    account.simulator.inject({"operation": "Start*", "nth": [1], "action": {"type": "delayed_request", "seconds": 2}})
    with pytest.raises(LostResponse):
        account.start_export(THEME)
    account.start_export(THEME)

    # When it arrives / Then the job is one
    account.wait(2)
    assert [each["type"] for each in account.simulator.state.injected] == ["delayed_request", "arrived"]
    assert "ConflictException" in account.simulator.state.injected[1]["outcome"]


def test_a_job_may_not_be_seen_at_once() -> None:
    account = dev()
    account.simulator.inject({"operation": "Start*", "action": {"type": "late_visibility", "seconds": 40}})

    account.start_export(THEME)

    assert account.refusal("DescribeAssetBundleExportJob", AssetBundleExportJobId="export-1").status == 404
    assert account.call("ListAssetBundleExportJobs")["AssetBundleExportJobSummaryList"] == []
    account.wait(40)
    assert account.export()["JobStatus"] == "SUCCESSFUL"


def test_listings_are_newest_first_and_have_pages() -> None:
    account = dev()
    for number in range(1, 4):
        account.exported(THEME, job=f"export-{number}")

    first = account.call("ListAssetBundleExportJobs", MaxResults=2)
    rest = account.call("ListAssetBundleExportJobs", NextToken=first["NextToken"])

    pages = [first["AssetBundleExportJobSummaryList"], rest["AssetBundleExportJobSummaryList"]]
    listed = [each["AssetBundleExportJobId"] for page in pages for each in page]
    assert listed == ["export-3", "export-2", "export-1"]
    assert "NextToken" not in rest
    assert account.refusal("ListAssetBundleExportJobs", NextToken="x").code == "InvalidNextTokenException"


def test_a_state_goes_on_elsewhere_and_a_copy_goes_its_own_way() -> None:
    # Given an import under way
    first, second = prod(), prod()
    first.start_import(dev().bundle("dashboard/sales-overview"), OverrideParameters=credentials(first))
    first.wait(20)

    # When its state goes on in another simulator, whose S3 is empty
    second.simulator.load_json(first.simulator.to_json())
    second.wait(620)
    first.wait(600)

    # Then both end the same
    assert second.simulator.to_json() == first.simulator.to_json()
    assert first.job()["JobStatus"] == "SUCCESSFUL"


def test_the_scale_makes_jobs_faster() -> None:
    account = dev()
    account.start_export(THEME)
    account.simulator.set_scale(1000)

    account.wait(1)

    assert account.export()["JobStatus"] == "SUCCESSFUL"
    with pytest.raises(ValueError, match="greater than 0"):
        account.simulator.set_scale(0)


def test_the_same_seed_gives_the_same_run() -> None:
    def run() -> Account:
        account = dev()
        account.exported("dashboard/sales-overview")
        return account

    assert run().simulator.to_json() == run().simulator.to_json()
