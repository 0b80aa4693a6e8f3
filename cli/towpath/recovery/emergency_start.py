"""Before a break-glass run: what it would do is shown and asked about, and the journal is looked at."""

from __future__ import annotations

import re
from pathlib import Path

import click

from disaster_recovery.plans.plan import RecoveryPlan, parse_plan
from disaster_recovery.records.execution import DRILL, RECOVERY, Execution
from disaster_recovery.records.statuses import TERMINAL_STATUSES
from towpath.errors import Conflict, Invalid
from towpath.output import Output
from towpath.recovery.emergency import Emergency, whoever_runs_this, without_actions
from towpath.yaml_files import Located


def begin(
    output: Output, emergency: Emergency, located: Located, kind: str, confirm: str | None, yes: bool
) -> Execution:
    document, left_out = without_actions(located.value)
    resolved = emergency.resolve(located, document)
    plan = parse_plan(document)
    emergency.check_quotas(plan.account)
    if not output.as_json:
        _announce(output, plan, kind, left_out)
    if kind == RECOVERY and confirm is None:
        confirm = click.prompt("This starts a RECOVERY. Type the plan's name to go on", err=True)
    if kind == RECOVERY and confirm != plan.name:
        raise Invalid(f"{confirm!r} is not the name of the plan, {plan.name!r}: nothing was started")
    if kind == DRILL and not yes:
        click.confirm("Start this drill?", abort=True, err=True)
    return emergency.begin(resolved, kind, whoever_runs_this())


def _announce(output: Output, plan: RecoveryPlan, kind: str, left_out: list[str]) -> None:
    output.table(
        f"{kind} of {plan.name}",
        ("", "wave", "servers", ""),
        [
            (wave.number, wave.name, len(wave.servers), "pauses before" if wave.pause_before else "")
            for wave in plan.waves
        ],
    )
    for action in left_out:
        output.say(f"[yellow]To be done by hand[/yellow]: {action}")


def journal_of(name: str) -> Path:
    return Path(f"towpath-{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-').lower()}.journal.json")


def must_go_on(execution: Execution, path: Path, name: str) -> None:
    if execution.plan_name != name:
        raise Conflict(f"{path} is the journal of {execution.plan_name}, not of {name}", "Name another --journal.")
    if execution.status in TERMINAL_STATUSES:
        hint = f"`towpath drs break-glass show {path}`, or `restart`; a new run needs another --journal."
        raise Conflict(f"{path} holds a run that has ended {execution.status}", hint)
