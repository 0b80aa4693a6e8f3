"""The real Terraform on the local cloud: nothing drifts, and nothing stays."""

from __future__ import annotations

import json

import pytest

from local_cloud.settings import from_environment
from local_cloud.stacks import Stack
from tests.e2e.transfers import Transfers


@pytest.mark.last(8)
def test_a_plan_straight_after_apply_is_empty(transfers: Transfers, local_environment: dict[str, str]) -> None:
    done = stack(local_environment).terraform("plan", "-detailed-exitcode", "-input=false", "-no-color")

    assert done.returncode == 0, done.stdout


@pytest.mark.last(9)
def test_destroy_leaves_nothing(transfers: Transfers, local_environment: dict[str, str]) -> None:
    done = stack(local_environment).terraform("destroy", "-auto-approve", "-input=false", "-no-color")

    assert done.returncode == 0, done.stdout + done.stderr
    left = {
        "buckets": [b["Name"] for b in transfers.s3.list_buckets()["Buckets"] if b["Name"] != "towpath-artifacts"],
        "tables": transfers.dynamodb.list_tables()["TableNames"],
        "queues": transfers.sqs.list_queues().get("QueueUrls", []),
        "functions": transfers.cloud.client("lambda").list_functions()["Functions"],
        "machines": transfers.cloud.client("stepfunctions").list_state_machines()["stateMachines"],
        "pipes": transfers.cloud.client("pipes").list_pipes()["Pipes"],
        "roles": transfers.cloud.client("iam").list_roles()["Roles"],
        "servers": transfers.cloud.client("transfer").list_servers()["Servers"],
        "log groups": transfers.cloud.client("logs").describe_log_groups()["logGroups"],
        "rules": transfers.cloud.client("events").list_rules()["Rules"],
        "alarms": transfers.cloud.client("cloudwatch").describe_alarms()["MetricAlarms"],
        "topics": transfers.cloud.client("sns").list_topics()["Topics"],
    }
    assert {kind: found for kind, found in left.items() if found} == {}, json.dumps(left, default=str)


def stack(environment: dict[str, str]) -> Stack:
    """The stack as the suite's local cloud applied it."""
    return Stack("file-transfer", from_environment(environment))
