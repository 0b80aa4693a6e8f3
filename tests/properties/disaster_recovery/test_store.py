"""The same runs over DynamoDB: what the store in memory allows, the table allows too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from disaster_recovery.records.dynamo_store import DynamoStore
from disaster_recovery.records.record import Item
from local_cloud.virtual.faults import CallFault
from local_cloud.virtual.recovery.system import Options, VirtualRecovery
from shared.dynamodb import from_item
from tests.properties.disaster_recovery import plans
from tests.properties.disaster_recovery.promises import Promises
from tests.unit.disaster_recovery.moto_history import TABLE, create_history_table

FAULTS = (
    CallFault("lose", nth=(1,), operation="StartRecovery"),
    CallFault("kill-after", nth=(5, 30), caller="disaster-recovery-execution-poller"),
    CallFault("kill-before", nth=(9, 25), caller="disaster-recovery-orchestration"),
)


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client on an empty table, in this process."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "virtual")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "virtual")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        create_history_table(client)
        yield client


def items(dynamodb: Any) -> list[Item]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=TABLE)
    return [from_item(item) for page in pages for item in page["Items"]]


def test_a_drill_over_dynamodb(dynamodb: Any) -> None:
    """Given the store that production has, when functions die during a drill, then all promises are kept."""
    options = Options(store=DynamoStore(dynamodb, TABLE))
    with VirtualRecovery(plans.inventory(4), seed=5, faults=FAULTS, options=options) as cloud:
        promises = Promises(cloud, lambda: items(dynamodb))
        execution_id = cloud.start(plans.simple(1, 1) | {"drillTtlSeconds": 600}).execution_id
        assert cloud.run(hours=6)
        execution = cloud.peek.execution(execution_id)
        assert execution is not None
        assert execution.status == "COMPLETED"
        cloud.run(hours=1, finished=lambda: not cloud.account.simulator.state.instances)
        assert cloud.account.simulator.state.instances == {}
        cloud.run(hours=0.1, finished=lambda: False)
        assert promises.at_the_end() == []
