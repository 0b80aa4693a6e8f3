"""The real Terraform on the local cloud: nothing drifts, and nothing stays."""

from __future__ import annotations

import json

import pytest

from local_cloud.session import LocalCloud
from local_cloud.settings import from_environment
from local_cloud.stacks import Stack, discover

# A stack may have a hand in these two; other tests may have left roles there.
OTHER_ACCOUNTS = ("111111111111", "222222222222")
OWN = "towpath-bi-"
SYSTEMS = [stack.name for stack in discover(from_environment())]


@pytest.mark.last(8)
@pytest.mark.parametrize("system", SYSTEMS)
def test_a_plan_straight_after_apply_is_empty(
    cloud: LocalCloud, local_environment: dict[str, str], system: str
) -> None:
    applied = Stack(system, from_environment(local_environment))

    done = applied.terraform("plan", "-detailed-exitcode", "-input=false", "-no-color")

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.last(9)
def test_destroy_leaves_nothing(cloud: LocalCloud, local_environment: dict[str, str]) -> None:
    for stack in discover(from_environment(local_environment)):
        done = stack.terraform("destroy", "-auto-approve", "-input=false", "-no-color")
        assert done.returncode == 0, done.stdout + done.stderr

    left = {
        "buckets": [
            b["Name"] for b in cloud.client("s3").list_buckets()["Buckets"] if b["Name"] != "towpath-artifacts"
        ],
        "tables": cloud.client("dynamodb").list_tables()["TableNames"],
        "queues": cloud.client("sqs").list_queues().get("QueueUrls", []),
        "functions": cloud.client("lambda").list_functions()["Functions"],
        "mappings": cloud.client("lambda").list_event_source_mappings()["EventSourceMappings"],
        "machines": cloud.client("stepfunctions").list_state_machines()["stateMachines"],
        "pipes": cloud.client("pipes").list_pipes()["Pipes"],
        "roles": cloud.client("iam").list_roles()["Roles"],
        "servers": cloud.client("transfer").list_servers()["Servers"],
        "log groups": cloud.client("logs").describe_log_groups()["logGroups"],
        "rules": cloud.client("events").list_rules()["Rules"],
        "alarms": cloud.client("cloudwatch").describe_alarms()["MetricAlarms"],
        "topics": cloud.client("sns").list_topics()["Topics"],
        "APIs": cloud.client("apigatewayv2").get_apis()["Items"],
        "user pools": cloud.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"],
        **{f"of {account}": own_resources(cloud, account) for account in OTHER_ACCOUNTS},
    }
    assert {kind: found for kind, found in left.items() if found} == {}, json.dumps(left, default=str)


def own_resources(cloud: LocalCloud, account: str) -> list[str]:
    """Roles and buckets of the migration in another account."""
    roles = [role["RoleName"] for role in cloud.client("iam", account).list_roles()["Roles"]]
    buckets = [bucket["Name"] for bucket in cloud.client("s3", account).list_buckets()["Buckets"]]
    return [name for name in (*roles, *buckets) if name.startswith(OWN)]
