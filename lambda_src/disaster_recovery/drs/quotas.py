"""The quotas of DRS, read when they are needed: an account may have other values than the defaults.

Codes: AWS General Reference, "AWS Elastic Disaster Recovery endpoints and quotas". What cannot be read is not guessed:
nothing is started then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from disaster_recovery.errors import QuotaUnreadable
from shared.aws_errors import classify, error_code

SERVICE = "drs"
CONCURRENT_JOBS = "L-D88FAC3A"
SERVERS_IN_A_JOB = "L-B827C881"
SERVERS_IN_ALL_JOBS = "L-05AFA8C6"


@dataclass(frozen=True)
class Quotas:
    """Jobs in progress at a time, servers in one job, servers in all jobs in progress."""

    jobs: int
    servers_in_a_job: int
    servers_in_all_jobs: int


def read_quotas(service_quotas: Any) -> Quotas:
    """The account's values over a boto3 client `service-quotas`. Raises QuotaUnreadable when one is not to be had."""
    return Quotas(
        jobs=_value(service_quotas, CONCURRENT_JOBS),
        servers_in_a_job=_value(service_quotas, SERVERS_IN_A_JOB),
        servers_in_all_jobs=_value(service_quotas, SERVERS_IN_ALL_JOBS),
    )


def _value(client: Any, code: str) -> int:
    """The applied value, or AWS's default where the account has none of its own."""
    wanted = {"ServiceCode": SERVICE, "QuotaCode": code}
    try:
        try:
            answer = client.get_service_quota(**wanted)
        except ClientError as error:
            if error_code(error) != "NoSuchResourceException":
                raise
            answer = client.get_aws_default_service_quota(**wanted)
    except (ClientError, BotoCoreError) as error:
        raise QuotaUnreadable(str(classify(error, f"read quota {code}"))) from error
    value = answer.get("Quota", {}).get("Value")
    if value is None:
        raise QuotaUnreadable(f"quota {code} has no value")
    return int(value)
