"""`towpath drs inventory export`: what a rehearsal starts from, read from an account and from nowhere else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from disaster_recovery.drs.inventory import Exporter
from disaster_recovery.plans.plan import Account
from towpath.application import Group, pass_session
from towpath.errors import Invalid
from towpath.recovery.accounts import accounts_of, place_of
from towpath.recovery.lookups import plan_id
from towpath.recovery.plan_files import read_plan
from towpath.session import Session

FILE = click.Path(dir_okay=False, path_type=Path)


@click.group("inventory", cls=Group)
def inventory() -> None:
    """What AWS DRS protects, as a file for rehearsals."""


@inventory.command("export")
@click.option("--plan", metavar="PLAN", help="Only what a stored plan (id or name) takes; asks the API.")
@click.option("--plan-file", type=FILE, help="Only the servers of a plan file.")
@click.option("--role-arn", metavar="ARN", help="A role of another account to read with.")
@click.option("--external-id", metavar="ID", help="The external id that the role asks for.")
@click.option("--output", "-o", type=FILE, help="Where to; standard output when not given.")
@pass_session
def export(  # noqa: PLR0913  (click hands in each option)
    session: Session,
    /,
    plan: str | None,
    plan_file: Path | None,
    role_arn: str | None,
    external_id: str | None,
    output: Path | None,
) -> None:
    """Export the inventory of an account and Region. Reads only; DRS and Service Quotas are all that is asked."""
    if plan and (plan_file or role_arn):
        raise Invalid("--plan asks the API; --plan-file and --role-arn ask AWS DRS: take one")
    if plan:
        document = session.api.get(f"/recovery-plans/{plan_id(session.api, plan)}/inventory")
    else:
        document = _read(session, plan_file, Account(role_arn=role_arn or "", external_id=external_id or ""))
    text = json.dumps(document, indent=2)
    if output is None:
        click.echo(text)
        return
    output.write_text(text + "\n", encoding="utf-8")
    session.output.say(f"{len(document['servers'])} servers are in {output}.")


def _read(session: Session, plan_file: Path | None, account: Account) -> dict[str, Any]:
    accounts = accounts_of(session)
    drs = accounts.drs(account)
    wanted = None if plan_file is None else _servers_of(plan_file)
    place = place_of(drs.source_servers(wanted))
    with progress("Reading source servers") as show:
        exporter = Exporter(drs, place.account_id, place.region, show)
        return exporter.export(accounts.quotas(account), session.clock(), wanted)


def _servers_of(file: Path) -> list[str]:
    waves = read_plan(file).value["waves"]
    if any("protectionGroupId" in wave for wave in waves):
        raise Invalid(
            f"{file} names protection groups, which only the API knows",
            "Take --plan, or write the servers into the file: `towpath drs plans export PLAN --resolved`.",
        )
    return [server["sourceServerId"] for wave in waves for server in wave["servers"]]


@contextmanager
def progress(title: str) -> Iterator[Any]:
    """A bar on standard error, if that is a terminal; yields what is called with (done, total)."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
