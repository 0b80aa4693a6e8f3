"""DRS is a service like any other: routed, recorded, broken, reset, kept, and apart by account and Region."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local_cloud import commands
from local_cloud.process import Server
from local_cloud.session import LocalCloud
from local_cloud.settings import Settings

from .conftest import Cloud, eventually, free_port
from .drs_accounts import Account, new_account, server_id


@pytest.fixture
def account(cloud: Cloud) -> Account:
    return new_account(cloud)


def test_a_drill_from_start_to_end(account: Account) -> None:
    # Given servers on more than one page
    account.seed(230)
    drs = account.client()
    pages = list(drs.get_paginator("describe_source_servers").paginate())
    assert [len(page["items"]) for page in pages] == [200, 30]

    # When two are launched
    job = account.start(1, 2, isDrill=True, tags={"towpath:wave": "1"})

    # Then the job ends by itself with two instances, which end by themselves when they are terminated
    assert account.statuses(job) == ["LAUNCHED", "LAUNCHED"]
    assert account.job(job)["tags"] == {"towpath:wave": "1"}
    log = drs.describe_job_log_items(jobID=job)["items"]
    assert (log[0]["event"], log[-1]["event"]) == ("JOB_START", "JOB_END")
    instances = [each["recoveryInstanceID"] for each in drs.describe_recovery_instances()["items"]]
    ended = drs.terminate_recovery_instances(recoveryInstanceIDs=instances)["job"]["jobID"]
    assert account.statuses(ended) == ["TERMINATED", "TERMINATED"]
    assert drs.describe_recovery_instances()["items"] == []


def test_errors_arrive_as_the_model_has_them(account: Account) -> None:
    account.seed(2, quotas={"concurrentJobs": 1})
    drs = account.client()
    account.control.inject({"server": "host-1", "action": {"type": "hang"}})
    account.start(1)

    with pytest.raises(drs.exceptions.ConflictException) as locked:
        account.start(1, 2)
    with pytest.raises(drs.exceptions.ServiceQuotaExceededException) as full:
        account.start(2)

    assert locked.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    assert full.value.response["ResponseMetadata"]["HTTPStatusCode"] == 402
    assert (full.value.response["quotaCode"], full.value.response["serviceCode"]) == ("L-D88FAC3A", "drs")


def test_tags_of_a_job_by_its_arn(account: Account) -> None:
    account.seed(1)
    drs, arn = account.client(), account.job(account.start(1))["arn"]

    drs.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
    drs.untag_resource(resourceArn=arn, tagKeys=["a"])

    assert drs.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}


def test_calls_are_recorded_with_operation_and_resource(cloud: Cloud, account: Account) -> None:
    account.seed(1)
    mark = cloud.control("POST", "calls/mark")["mark"]
    arn = account.job(account.start(1))["arn"]
    account.client().list_tags_for_resource(resourceArn=arn)

    calls = [each for each in cloud.control("GET", f"calls?since={mark}")["calls"] if each["service"] == "drs"]

    server = f"arn:aws:drs:us-east-1:{account.number}:source-server/{server_id(1)}"
    assert [(call["service"], call["operation"], call["resource"]) for call in calls] == [
        ("drs", "StartRecovery", server),
        ("drs", "DescribeJobs", "*"),
        ("drs", "ListTagsForResource", arn),
    ]


@pytest.mark.parametrize(
    ("action", "status", "jobs"),
    [
        ({"type": "error", "code": "InternalServerException", "status": 500}, 500, 0),
        ({"type": "throttle"}, 429, 0),
        ({"type": "lost_response"}, 500, 1),
    ],
)
def test_faults_strike_it_too(cloud: Cloud, account: Account, action: dict[str, Any], status: int, jobs: int) -> None:
    # Given a fault of the local cloud, for one call
    account.seed(1)
    rule = {"service": "drs", "operation": "StartRecovery", "principal": "*", "nth": [1], "action": action}
    cloud.control("POST", "faults", {"rules": [rule]})

    try:
        # When that call is made
        with pytest.raises(ClientError) as failed:
            account.start(1)

        # Then it failed, after the job began or before
        assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
        assert len(account.client().describe_jobs()["items"]) == jobs
    finally:
        cloud.control("DELETE", "faults")


def test_injections_of_its_own_strike_over_the_wire(account: Account) -> None:
    account.seed(3)
    account.control.inject(
        {"operation": "StartRecovery", "nth": [1], "action": {"type": "lost_response"}},
        {"operation": "DescribeSourceServers", "action": {"type": "throttle", "retryAfterSeconds": 9}},
        {"server": "host-2", "phase": "LAUNCH", "action": {"type": "fail", "error": "no capacity"}},
    )
    drs = account.client()

    with pytest.raises(drs.exceptions.InternalServerException):
        account.start(1, 2)
    with pytest.raises(drs.exceptions.ThrottlingException) as throttled:
        drs.describe_source_servers()

    assert throttled.value.response["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "9"
    (job,) = drs.describe_jobs()["items"]
    assert account.statuses(job["jobID"]) == ["LAUNCHED", "FAILED"]
    assert {each["type"] for each in account.control.injections()["log"]} == {"lost_response", "throttle", "fail"}


def test_launch_results_are_events_on_the_default_bus(account: Account) -> None:
    # Given a rule for events of DRS
    account.seed(2)
    queue = account.events_to_queue()

    # When a drill ends
    job = account.start(1, 2, isDrill=True)
    events: list[dict[str, Any]] = []
    eventually(lambda: events.extend(account.received(queue)) or len(events) >= 2, 20)

    # Then each server has its own, as the user guide shows it
    assert sorted(event["resources"][0].rpartition("/")[2] for event in events) == [server_id(1), server_id(2)]
    event = events[0]
    assert (event["source"], event["detail-type"]) == ("aws.drs", "DRS Source Server Launch Result")
    assert (event["account"], event["region"]) == (account.number, "us-east-1")
    assert event["detail"] == {"state": "RECOVERY_LAUNCH_SUCCEEDED", "job-id": job, "is-drill": "TRUE"}


def test_accounts_and_regions_know_nothing_of_each_other(cloud: Cloud, account: Account) -> None:
    # Given the same servers in two accounts
    other = new_account(cloud)
    account.seed(2)
    other.seed(1)
    queue = other.events_to_queue()

    # When one of them launches
    account.completed(account.start(1))

    # Then the other has no job, no lock and no event, and a third Region has no server
    assert other.client().describe_jobs()["items"] == []
    assert other.received(queue) == []
    elsewhere = boto3.client(
        "drs",
        endpoint_url=cloud.url,
        region_name="eu-west-1",
        aws_access_key_id=account.number,
        aws_secret_access_key="test",
    )
    assert elsewhere.describe_source_servers()["items"] == []


def test_quotas_are_read_from_service_quotas(account: Account) -> None:
    account.seed(1, quotas={"concurrentJobs": 5})
    quotas = account.client("service-quotas")

    applied = quotas.get_service_quota(ServiceCode="drs", QuotaCode="L-D88FAC3A")["Quota"]
    default = quotas.get_aws_default_service_quota(ServiceCode="drs", QuotaCode="L-D88FAC3A")["Quota"]

    assert (applied["Value"], default["Value"]) == (5, 20)
    assert applied["QuotaArn"] == f"arn:aws:servicequotas:us-east-1:{account.number}:drs/L-D88FAC3A"
    names = {each["QuotaName"] for each in quotas.list_service_quotas(ServiceCode="drs")["Quotas"]}
    assert {"Concurrent jobs in progress", "Max source servers in a single Job"} <= names
    with pytest.raises(quotas.exceptions.NoSuchResourceException):
        quotas.get_service_quota(ServiceCode="drs", QuotaCode="L-NONE")


def test_the_control_plane_says_what_is_wrong(cloud: Cloud, account: Account) -> None:
    def refusal(method: str, path: str, body: Any) -> str:
        with pytest.raises(OSError) as refused:
            cloud.control(method, path, body)
        return str(json.loads(refused.value.read())["error"])  # type: ignore[attr-defined]

    assert "$.servers[0]" in refusal("POST", "drs/inventory", {"servers": [{}]})
    assert "greater than 0" in refusal("POST", "drs/clock", {"scale": 0})
    assert "scale must be a number" in refusal("POST", "drs/clock", {"scale": "fast"})
    assert "unknown speed" in refusal("POST", "drs/clock", {"speed": 1})
    assert "observed, model" in refusal("POST", "drs/mode", {"fidelity": "high"})
    assert "action.type must be one of" in refusal("POST", "drs/injections", {"rules": [{}]})
    assert "JSON object" in refusal("POST", "drs/inventory", [])


def test_modes_and_pages(account: Account) -> None:
    account.seed(3)
    drs = account.client()
    assert account.control.mode(fidelity="model", pageSize=2) == {
        "fidelity": "model",
        "pageSize": 2,
        "initialised": True,
    }

    job = account.completed(account.start(1, 2, 3))

    assert job["endDateTime"].endswith("Z")
    assert len(drs.describe_source_servers()["items"]) == 2
    account.control.mode(initialised=False)
    with pytest.raises(drs.exceptions.UninitializedAccountException):
        drs.describe_jobs()
    drs.initialize_service()
    assert drs.describe_jobs()["items"]


@pytest.fixture
def settings(tmp_path: Path) -> Any:
    chosen = Settings(free_port(), free_port(), tmp_path, None, chosen_partner_port=free_port())
    yield chosen
    Server(chosen).stop()


def test_a_restart_goes_on_and_a_reset_forgets(settings: Settings) -> None:
    # Given a running job on a slow clock, in a cloud that is stopped
    def of_this_server() -> tuple[Any, LocalCloud]:
        client = boto3.client(
            "drs",
            endpoint_url=settings.endpoint_url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        return client, LocalCloud.load(settings.state_dir)

    commands.up(settings, apply=False)
    drs, cloud = of_this_server()
    cloud.drs().seed({"servers": [{"sourceServerID": server_id(1), "hostname": "host-1"}]})
    cloud.drs().clock(scale=1)
    job = drs.start_recovery(sourceServers=[{"sourceServerID": server_id(1)}])["job"]["jobID"]
    commands.down(settings)

    # When it is started again
    commands.up(settings, apply=False)
    drs, cloud = of_this_server()

    # Then the job is there and goes on, and completes when time is made to run
    assert [each["jobID"] for each in drs.describe_jobs()["items"]] == [job]
    cloud.drs().clock(scale=6000)
    eventually(lambda: drs.describe_jobs()["items"][0]["status"] == "COMPLETED", 20)

    # And after a reset there is nothing
    Server(settings).empty()
    assert drs.describe_source_servers()["items"] == []
    assert cloud.drs().state()["scale"] == 60
