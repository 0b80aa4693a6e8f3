"""Over the whole suite, what each role may do equals what the local cloud saw it need."""

from __future__ import annotations

import pytest

from tests.e2e.disaster_recovery.recoveries import Recoveries
from tests.e2e.permissions import left_over, refused, roles_of

# What only rare paths need; a run of the suite may take them or not.
LOST = "a decision whose answer was lost is sent again by whoever looks next"
POLLS = "Reconcile polls in the poller's place"
DEFAULT = "an account that never asked for more has no quota of its own, only AWS's default"
UNUSED = {
    ("api-handler", "servicequotas:GetAWSDefaultServiceQuota"): DEFAULT,
    ("execution-poller", "drs:DescribeJobLogItems"): "logs are read when servers failed, to say why",
    (
        "execution-poller",
        "drs:DescribeSourceServers",
    ): "a job that is not listed is looked for by its servers' last launch",
    ("execution-poller", "servicequotas:GetAWSDefaultServiceQuota"): DEFAULT,
    ("execution-poller", "servicequotas:GetServiceQuota"): "asked while servers wait for room",
    ("execution-poller", "states:SendTaskFailure"): LOST,
    ("execution-poller", "states:StartExecution"): "a start that the API did not come to is made up for",
    ("orchestration", "drs:DescribeJobLogItems"): POLLS,
    ("orchestration", "drs:DescribeRecoveryInstances"): POLLS,
    ("orchestration", "servicequotas:GetAWSDefaultServiceQuota"): DEFAULT,
    ("orchestration", "states:DescribeExecution"): POLLS,
    ("orchestration", "states:SendTaskFailure"): LOST,
    ("orchestration", "states:SendTaskHeartbeat"): POLLS,
    ("orchestration", "states:SendTaskSuccess"): LOST,
}
# Roles of another account that trust nobody (test_an_account_that_does_not_trust_us…).
ON_PURPOSE = {("api-handler", "sts:AssumeRole")}


@pytest.mark.last(5)
def test_each_role_may_do_exactly_what_it_was_seen_to_need(recoveries: Recoveries) -> None:
    assert left_over(recoveries.cloud, roles_of(recoveries.system), UNUSED) == ""


@pytest.mark.last(6)
def test_nobody_was_refused_anything_but_on_purpose(recoveries: Recoveries) -> None:
    functions = recoveries.system["role_names"]["functions"]
    on_purpose = {(functions[name], action) for name, action in ON_PURPOSE}
    assert refused(recoveries.cloud, roles_of(recoveries.system)) <= on_purpose
