"""Faults on purpose, and what others do meanwhile."""

from __future__ import annotations

import copy

import pytest

from local_cloud.quicksight import ApiError, BadInjection, DownloadRefused
from tests.unit.quicksight_simulator.accounts import DASHBOARD, Account, credentials, dev, prod

THEME = "theme/brand"


@pytest.mark.parametrize(
    ("action", "code", "status"),
    [
        ({"type": "error"}, "InternalFailureException", 500),
        ({"type": "error", "code": "ConflictException", "status": 409}, "ConflictException", 409),
        ({"type": "throttle"}, "ThrottlingException", 429),
        ({"type": "limit_exceeded"}, "LimitExceededException", 409),
    ],
)
def test_a_call_is_refused_and_changes_nothing(action: dict[str, object], code: str, status: int) -> None:
    account = dev()
    account.simulator.inject({"operation": "StartAssetBundleExportJob", "times": 1, "action": action})

    with pytest.raises(ApiError) as refused:
        account.start_export(THEME)

    assert (refused.value.code, refused.value.status) == (code, status)
    assert account.simulator.state.exports == {}
    account.start_export(THEME)


def test_a_rule_hits_those_it_counts_and_is_noted() -> None:
    account = dev()
    identifier = account.simulator.inject({"operation": "List*", "nth": [2], "action": {"type": "throttle"}})

    account.call("ListThemes")
    assert account.refusal("ListDashboards").code == "ThrottlingException"
    account.call("ListThemes")

    [noted] = account.simulator.state.injected
    assert (noted["rule"], noted["operation"]) == (identifier, "ListDashboards")


def test_pages_can_be_small() -> None:
    account = dev()
    account.simulator.inject({"operation": "ListDataSets", "action": {"type": "small_pages"}})

    first = account.call("ListDataSets")

    assert len(first["DataSetSummaries"]) == 1
    assert account.call("ListDataSets", NextToken=first["NextToken"])["DataSetSummaries"] != first["DataSetSummaries"]


def test_an_asset_is_meant_by_its_id_its_arn_or_its_name() -> None:
    for name in ("brand", "arn:*:theme/brand", "Brand", THEME):
        account = dev()
        account.simulator.inject({"asset": name, "phase": "EXPORT", "action": {"type": "fail", "error": "broken"}})

        job = account.exported(DASHBOARD)

        assert [(each["Arn"], each["Message"]) for each in job["Errors"]] == [(account.arn(THEME), "broken")]


def test_the_nth_asset_of_a_job_fails() -> None:
    target, file = prod(), dev().bundle(DASHBOARD)
    target.simulator.inject({"job": "import-2", "phase": "IMPORT", "nth": [3], "action": {"type": "fail"}})

    assert target.imported(file, OverrideParameters=credentials(target))["JobStatus"] == "SUCCESSFUL"
    job = target.imported(job="import-2", FailureAction="DO_NOTHING")

    assert job["JobStatus"] == "FAILED"
    assert len(target.simulator.state.imports["import-2"]["undo"]) == 2


def test_an_asset_can_be_slow_or_hang() -> None:
    account = dev()
    account.simulator.inject({"asset": "brand", "times": 1, "action": {"type": "slow", "factor": 1000}})
    account.simulator.inject({"asset": "orders", "action": {"type": "hang"}})

    assert account.exported(THEME)["JobStatus"] == "IN_PROGRESS"
    account.wait(10_000)
    assert account.export()["JobStatus"] == "SUCCESSFUL"
    assert account.exported("dataset/orders", job="export-2")["JobStatus"] == "IN_PROGRESS"
    assert account.simulator.next_due() is None


def test_downloads_fail_end_early_or_have_expired() -> None:
    account = dev()
    link = account.exported(THEME)["DownloadUrl"]
    whole = account.simulator.download(link)
    for action in ({"type": "error", "status": 503}, {"type": "expire"}, {"type": "cut", "bytes": 10}):
        account.simulator.inject({"operation": "Download", "times": 1, "action": action})

    for status in (503, 403):
        with pytest.raises(DownloadRefused) as refused:
            account.simulator.download(link)
        assert refused.value.status == status
    assert account.simulator.download(link) == whole[:10]
    assert account.simulator.download(link) == whole


def test_others_take_places_and_give_them_back() -> None:
    account = dev()
    account.simulator.inject({"action": {"type": "external_jobs", "kind": "EXPORT", "count": 9, "seconds": 60}})

    with pytest.raises(ApiError, match="LimitExceeded"):
        account.start_export(THEME)
    account.start_import(b"")
    assert len(account.call("ListAssetBundleExportJobs")["AssetBundleExportJobSummaryList"]) == 5
    account.wait(60)
    account.start_export(THEME)


def test_a_person_edits_and_deletes_assets() -> None:
    account = dev()
    account.simulator.inject({"action": {"type": "edit_asset", "asset": "theme/*", "name": "Mine"}})
    account.simulator.inject({"action": {"type": "delete_asset", "asset": "orders", "afterSeconds": 30}})

    assert account.call("DescribeTheme", ThemeId="brand")["Theme"]["Name"] == "Mine"
    assert "dataset/orders" in account.keys()
    account.wait(30)
    assert not {"dataset/orders", "refreshSchedule/orders/daily"} & account.keys()
    assert [each["outcome"] for each in account.simulator.state.injected] == [["theme/brand"], ["dataset/orders"]]


def test_the_edition_changes() -> None:
    account = dev()
    account.simulator.inject({"action": {"type": "set_edition", "edition": "STANDARD"}})

    assert account.call("DescribeAccountSubscription")["AccountInfo"]["Edition"] == "STANDARD"


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({}, "action.type must be one of"),
        ({"nth": 2, "action": {"type": "throttle"}}, "nth must be a list"),
        ({"action": {"type": "throttle", "why": 1}}, "unknown"),
        ({"server": "x", "action": {"type": "throttle"}}, "unknown"),
        ({"action": {"type": "edit_asset", "asset": "x"}}, "missing"),
        ({"phase": "LAUNCH", "action": {"type": "fail"}}, "phase must be one of"),
    ],
)
def test_rules_that_cannot_be_carried_out_are_refused(rule: dict[str, object], message: str) -> None:
    with pytest.raises(BadInjection, match=message):
        dev().simulator.inject(rule)


def test_a_copy_has_rules_of_its_own() -> None:
    account: Account = dev()
    account.simulator.inject({"operation": "ListThemes", "times": 1, "action": {"type": "throttle"}})
    twin = copy.deepcopy(account.simulator)

    assert account.refusal("ListThemes").code == "ThrottlingException"
    account.call("ListThemes")
    with pytest.raises(ApiError):
        twin.call("ListThemes", {"AwsAccountId": account.number})
    account.simulator.clear_injections()
    assert account.simulator.state.injected == []
    assert len(twin.state.injected) == 1
