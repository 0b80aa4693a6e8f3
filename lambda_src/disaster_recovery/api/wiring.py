"""The services of a worker: everything over AWS, each client made when it is first used."""

from __future__ import annotations

from functools import cache
from typing import Any

from disaster_recovery.api.services import Services
from disaster_recovery.commands.restarting import Restarter
from disaster_recovery.commands.running import Commands
from disaster_recovery.commands.starting import Starter
from disaster_recovery.commands.termination_requests import TerminationRequests
from disaster_recovery.drs.accounts import AwsAccounts
from disaster_recovery.machine.aws_tools import QueueWake
from disaster_recovery.plans.catalog import StoredCatalog
from disaster_recovery.plans.catalog_table import CatalogTable
from disaster_recovery.plans.plan_resolution import Place
from disaster_recovery.records.dynamo_store import DynamoStore
from disaster_recovery.settings import Settings, read_settings
from shared.api.cursors import Cursors
from shared.clients import Clients, LazyClient, client
from shared.clock import Clock, utc_now
from shared.state_machine import StateMachine

#: Account and Region in `arn:aws:states:<region>:<account>:stateMachine:<name>`.
ARN_PARTS = 7


@cache
def services() -> Services:
    """Made with the first request. Raises SettingError naming the variable that cannot be read."""
    return make_services(read_settings(), Clients().dynamodb)


def make_services(settings: Settings, dynamodb: Any, clock: Clock = utc_now) -> Services:
    """Services over AWS; `dynamodb` is a low-level client."""
    accounts = AwsAccounts(clock=clock)
    store = DynamoStore(dynamodb, settings.history_table, settings.retention_days, clock)
    catalog = make_catalog(settings, dynamodb, accounts, clock)
    machine = StateMachine(LazyClient(lambda: client("stepfunctions")), settings.state_machine_arn)
    wake = QueueWake(LazyClient(lambda: client("sqs")), settings.wake_queue_url)
    return Services(
        settings=settings,
        store=store,
        catalog=catalog,
        cursors=Cursors(f"{settings.state_machine_arn} {settings.history_table}"),
        drs=accounts.drs,
        quotas=accounts.quotas,
        starter=Starter(store, catalog, machine, clock),
        commands=Commands(store, machine, wake, clock),
        restarter=Restarter(store, machine, clock),
        terminations=TerminationRequests(store, wake, clock),
        clock=clock,
    )


def make_catalog(settings: Settings, dynamodb: Any, accounts: AwsAccounts, clock: Clock = utc_now) -> StoredCatalog:
    """The catalog over its two tables."""
    return StoredCatalog(
        groups=CatalogTable(dynamodb, settings.groups_table, "GROUP", "groupId", "pg", clock),
        plans=CatalogTable(dynamodb, settings.plans_table, "PLAN", "planId", "rp", clock),
        drs=accounts.drs,
        home=home(settings),
        probe_hosts=settings.probe_hosts,
        clock=clock,
    )


def home(settings: Settings) -> Place:
    """Where the system itself is, as its state machine's ARN says."""
    parts = settings.state_machine_arn.split(":")
    if len(parts) < ARN_PARTS:
        return Place("", settings.region)
    return Place(parts[4], parts[3])
