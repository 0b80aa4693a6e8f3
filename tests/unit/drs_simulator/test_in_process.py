"""A boto3 client on a simulator, as unit tests of what is built on DRS use it."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from local_cloud.aws_models.in_process import bind
from local_cloud.service_quotas.quotas import ServiceQuotas
from tests.unit.drs_simulator.account import Account, inventory, server_id


def client_of(service: str) -> Any:
    config = Config(retries={"total_max_attempts": 1})
    return boto3.client(
        service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x", config=config
    )


def test_a_recovery_from_start_to_end() -> None:
    account, drs = Account(250), client_of("drs")
    bind(drs, account.drs)

    servers = [each for page in drs.get_paginator("describe_source_servers").paginate() for each in page["items"]]
    job = drs.start_recovery(sourceServers=[{"sourceServerID": server_id(1)}], isDrill=True, tags={"a": "b"})["job"]
    account.wait()

    assert len(servers) == 250
    (found,) = drs.describe_jobs(filters={"jobIDs": [job["jobID"]]})["items"]
    assert (found["status"], found["tags"]) == ("COMPLETED", {"a": "b"})
    assert drs.list_tags_for_resource(resourceArn=job["arn"])["tags"] == {"a": "b"}


def test_refusals_are_botocores_exceptions() -> None:
    account, drs = Account(), client_of("drs")
    bind(drs, account.drs)
    account.start(1)

    with pytest.raises(drs.exceptions.ConflictException) as refused:
        drs.start_recovery(sourceServers=[{"sourceServerID": server_id(1)}])

    assert refused.value.response["resourceId"] == server_id(1)


def test_a_lost_response_starts_the_job_and_raises() -> None:
    account, drs = Account(), client_of("drs")
    bind(drs, account.drs)
    account.drs.inject({"operation": "StartRecovery", "action": {"type": "lost_response"}})

    with pytest.raises(ConnectionClosedError):
        drs.start_recovery(sourceServers=[{"sourceServerID": server_id(1)}])

    assert len(drs.describe_jobs()["items"]) == 1


def test_quotas_are_what_the_simulator_enforces() -> None:
    # Given an account in which one quota is smaller than AWS's default
    account, quotas = Account(document=inventory(1, quotas={"concurrentJobs": 3})), client_of("service-quotas")
    bind(quotas, ServiceQuotas(lambda: ("000000000000", "us-east-1", account.drs.state.quotas)))

    # Then Service Quotas knows both
    asked = {"ServiceCode": "drs", "QuotaCode": "L-D88FAC3A"}
    assert quotas.get_service_quota(**asked)["Quota"]["Value"] == 3
    assert quotas.get_aws_default_service_quota(**asked)["Quota"]["Value"] == 20
    listed = {each["QuotaCode"]: each["Value"] for each in quotas.list_service_quotas(ServiceCode="drs")["Quotas"]}
    assert (listed["L-D88FAC3A"], listed["L-B827C881"], listed["L-05AFA8C6"]) == (3, 100, 500)
    assert len(quotas.list_aws_default_service_quotas(ServiceCode="drs")["Quotas"]) == len(listed)


@pytest.mark.parametrize(("service", "code"), [("drs", "L-NONE"), ("ec2", "L-D88FAC3A")])
def test_quotas_that_are_not_there(service: str, code: str) -> None:
    quotas = client_of("service-quotas")
    bind(quotas, ServiceQuotas(lambda: ("000000000000", "us-east-1", {})))

    with pytest.raises(ClientError, match="NoSuchResourceException"):
        quotas.get_service_quota(ServiceCode=service, QuotaCode=code)
