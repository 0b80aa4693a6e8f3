"""The real Terraform on the local cloud: nothing drifts, and nothing stays."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from local_cloud.stacks import terraform_command
from tests.e2e.transfers import Transfers


@pytest.mark.last(8)
def test_a_plan_straight_after_apply_is_empty(transfers: Transfers, local_environment: dict[str, str]) -> None:
    done = terraform(local_environment, "plan", "-detailed-exitcode", "-input=false", "-no-color")

    assert done.returncode == 0, done.stdout


@pytest.mark.last(9)
def test_destroy_leaves_nothing(transfers: Transfers, local_environment: dict[str, str]) -> None:
    done = terraform(local_environment, "destroy", "-auto-approve", "-input=false", "-no-color")

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


def terraform(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Terraform in the stack's folder with the state and variables of the suite's local cloud."""
    command, folder, variables = terraform_command("file-transfer", Path(environment["TOWPATH_STATE_DIR"]), environment)
    return subprocess.run(
        [*command, *arguments], cwd=folder, env=variables, capture_output=True, text=True, timeout=600, check=False
    )
