"""The tools over AWS: made once for a worker, each client with its first call."""

from __future__ import annotations

from collections.abc import Callable

from quicksight_migration.machine.tools import Tools
from quicksight_migration.notifications import Notifier
from quicksight_migration.records.dynamo_store import DynamoStore
from quicksight_migration.settings import Settings
from shared.clients import LazyClient, client
from shared.clock import Clock, utc_now
from shared.state_machine import StateMachine


def make_tools(settings: Settings, count: Callable[[str, float], None], clock: Clock = utc_now) -> Tools:
    """Tools over boto3 clients, with the worker's credentials and endpoints."""
    return Tools(
        store=DynamoStore(client("dynamodb"), settings.jobs_table, settings.retention_days, clock),
        machine=StateMachine(LazyClient(lambda: client("stepfunctions")), settings.state_machine_arn),
        publish=Notifier(LazyClient(lambda: client("sns")), settings.alert_topic_arn),
        count=count,
        clock=clock,
        settings=settings,
    )
