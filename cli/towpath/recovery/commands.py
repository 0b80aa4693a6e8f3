"""`towpath drs`: all of its commands."""

from __future__ import annotations

import click

from towpath.application import Group
from towpath.recovery.break_glass_commands import break_glass
from towpath.recovery.control_commands import CONTROLS
from towpath.recovery.execution_commands import executions
from towpath.recovery.group_commands import groups
from towpath.recovery.inventory_commands import inventory
from towpath.recovery.plan_commands import plans
from towpath.recovery.rehearse_command import rehearse
from towpath.recovery.run_commands import evidence, execute, forecast, quotas, readiness, servers, verify_evidence
from towpath.recovery.watching import watch

ALIASES = {"plan": "plans", "group": "groups", "execution": "executions", "server": "servers"}


@click.group("drs", cls=Group, aliases=ALIASES)
def drs() -> None:
    """Disaster recovery: drills and recoveries in waves, over AWS DRS."""


THINGS = (groups, plans, executions, servers, quotas, inventory)
LOOKING = (readiness, forecast, rehearse, evidence, verify_evidence)
DOING = (execute, watch, break_glass)

for command in (*THINGS, *LOOKING, *DOING):
    drs.add_command(command)

for command in CONTROLS:
    executions.add_command(command)
