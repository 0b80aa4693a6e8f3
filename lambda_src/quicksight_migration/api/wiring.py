"""The services of a worker: everything over AWS, each client made when it is first used."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from quicksight_migration.api.job_logs import JobLogs
from quicksight_migration.api.services import Services
from quicksight_migration.bundles.storage import Bucket
from quicksight_migration.commands.jobs import Commands, PlanFunction
from quicksight_migration.machine.aws_tools import make_tools
from quicksight_migration.machine.tools import Tools
from quicksight_migration.settings import Settings, read_settings
from shared.api.access import Access
from shared.api.cursors import Cursors
from shared.clients import LazyClient, client
from shared.live.tickets import Tickets
from shared.observe import count

#: The target is compared while somebody waits; an HTTP API gives up after 30 seconds.
CHECK_SECONDS = 25


@cache
def services() -> Services:
    """Made with the first request. Raises SettingError naming the variable that cannot be read."""
    settings = read_settings()
    return make_services(settings, make_tools(settings, count))


def make_services(settings: Settings, tools: Tools) -> Services:
    """Services over AWS, with the records of `tools`."""
    dynamodb = LazyClient(lambda: client("dynamodb"))
    plans = PlanFunction(LazyClient(lambda: client("lambda", CHECK_SECONDS, 1)), settings.plan_function_name)
    functions = LazyClient(lambda: client("lambda"))

    def invoke(function: str, event: Mapping[str, Any]) -> None:
        functions.invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(event).encode())

    return Services(
        settings=settings,
        store=tools.store,
        access=Access(settings.role_groups, settings.group_tenants),
        cursors=Cursors(f"{settings.state_machine_arn} {settings.jobs_table}"),
        documents=Bucket(LazyClient(lambda: client("s3")), settings.bundle_bucket, settings.bundle_key_arn),
        logs=JobLogs(LazyClient(lambda: client("logs")), settings.log_groups),
        tickets=Tickets(dynamodb, settings.live_table, tools.clock),
        invoke=invoke,
        commands=Commands(tools, plans),
        clock=tools.clock,
    )
