"""`towpath quicksight`: all of its commands."""

from __future__ import annotations

import click

from towpath.application import Group, pass_session
from towpath.contexts import QUICKSIGHT
from towpath.quicksight.control_commands import CONTROLS, restore
from towpath.quicksight.drift_commands import drift
from towpath.quicksight.job_commands import accounts, jobs
from towpath.quicksight.start_commands import plan, start
from towpath.quicksight.watching import watch
from towpath.session import Session


@click.group("quicksight", cls=Group, aliases={"job": "jobs"})
@pass_session
def quicksight(session: Session) -> None:
    """QuickSight migration: dashboards from account to account, planned, approved, reversible."""
    session.system = QUICKSIGHT


for command in (jobs, plan, restore, drift, accounts):
    quicksight.add_command(command)

for command in (start, watch, *CONTROLS):
    jobs.add_command(command)
