"""Nothing that opens a door is ever written down: tables, logs and execution histories are searched."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from tests.e2e.quicksight_migration.migrations import Migrations

# Addresses that carry their own right, keys of sessions, passwords.
SECRETS = re.compile(
    r"X-Amz-Signature|[?&](?:token|Signature)=|/_towpath/quicksight/bundles/|\bA[SK]IA[A-Z0-9]{16}\b|"
    r"SecretAccessKey|SessionToken|aws_secret_access_key|Correct-Horse"
)


@pytest.mark.last(4)
def test_no_credential_and_no_signed_address_is_written_down(migrations: Migrations) -> None:
    # Given what all the tests before left, and a job that went through and one that failed
    migrations.target.inject({"phase": "IMPORT", "asset": "sales-overview", "times": 1, "action": {"type": "fail"}})
    job = migrations.migrate()
    assert migrations.command(job["jobId"], "retry").status == 202
    migrations.wait(job["jobId"])

    # When tables, logs and histories are read whole
    read = {
        "tables": list(_tables(migrations)),
        "logs": list(_logs(migrations)),
        "histories": list(_histories(migrations)),
    }

    # Then there was something to read, and nothing in it opens anything
    assert all(read.values())
    assert any(job["jobId"] in each for each in read["tables"])
    assert any(job["jobId"] in each for each in read["logs"])
    assert any(job["jobId"] in each for each in read["histories"])
    found = {where: [each[:300] for each in texts if SECRETS.search(each)][:3] for where, texts in read.items()}
    assert {where: texts for where, texts in found.items() if texts} == {}


def test_the_search_would_find_one() -> None:
    for text in ("https://x.example/b.qs?X-Amz-Signature=ab", "key ASIAABCDEFGHIJKLMNOP", "u?token=1"):
        assert SECRETS.search(text)


def _tables(migrations: Migrations) -> Iterator[str]:
    dynamodb = migrations.cloud.client("dynamodb")
    for name in migrations.system["table_names"].values():
        for page in dynamodb.get_paginator("scan").paginate(TableName=name):
            yield from (json.dumps(item, default=str) for item in page["Items"])


def _logs(migrations: Migrations) -> Iterator[str]:
    logs = migrations.cloud.client("logs")
    for group in logs.get_paginator("describe_log_groups").paginate():
        for each in group["logGroups"]:
            if "biops" in each["logGroupName"]:
                for page in logs.get_paginator("filter_log_events").paginate(logGroupName=each["logGroupName"]):
                    yield from (event["message"] for event in page["events"])


def _histories(migrations: Migrations) -> Iterator[str]:
    machine = migrations.system["state_machine_arn"]
    for page in migrations.states.get_paginator("list_executions").paginate(stateMachineArn=machine):
        for execution in page["executions"]:
            yield from (json.dumps(e, default=str) for e in migrations.cloud.history(execution["executionArn"]))
