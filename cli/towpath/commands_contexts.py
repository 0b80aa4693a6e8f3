"""`towpath context …`: where systems are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from towpath.application import Group, pass_session
from towpath.contexts import DRS, LOCAL, OF_SYSTEM, SYSTEMS, from_outputs, local_endpoints
from towpath.errors import Invalid
from towpath.session import Session


@click.group("context", cls=Group)
def context() -> None:
    """Name the systems you work with, and choose one."""


@context.command("list")
@pass_session
def list_contexts(session: Session) -> None:
    """List the contexts; the current one has a star."""
    file = session.context_file
    rows = [{"name": name, "current": name == file.current, **file.raw(name)} for name in file.names()]
    session.output.show(
        rows,
        lambda: session.output.table(
            f"Contexts in {file.path}",
            ("", "name", "API", "Region", "profile", "via"),
            [("*" if row["current"] else "", row["name"], *_where(row)) for row in rows],
        ),
    )


@context.command("show")
@click.argument("name", required=False, default="")
@pass_session
def show(session: Session, name: str) -> None:
    """Show what a context (or the current one, with the options given) comes to."""
    if name:
        session.context_name = name
    found = session.context
    values: dict[str, Any] = {
        "name": found.name or "none: AWS's own configuration",
        "api_url": found.api_url,
        "user_pool_id": found.user_pool_id,
        "client_id": found.client_id,
        "via": found.via or ("api" if found.api_url else "aws"),
        "region": found.region,
        "profile": found.profile,
        "endpoint_url": found.endpoint_url,
        "drs_function": found.drs_function,
        "quicksight": dict(found.quicksight),
        "transfers": dict(found.transfers),
        "endpoints": found.endpoints,
    }
    session.output.show(values, lambda: session.output.fields("Context", values))


@context.command("add")
@click.argument("name")
@click.option("--user-pool-id", metavar="ID", help="Cognito user pool to sign in to.")
@click.option("--client-id", metavar="ID", help="Its client.")
@click.option("--system", type=click.Choice(SYSTEMS), default=DRS, help="Whose API and users these are.")
@click.option("--drs-function", metavar="NAME", help="Function of the disaster recovery API, for --via aws.")
@click.option(
    "--outputs",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What `terraform output -json` of a stack printed; give it once a stack.",
    multiple=True,
)
@pass_session
def add(  # noqa: PLR0913  (click hands in each option)
    session: Session,
    /,
    *,
    name: str,
    outputs: tuple[Path, ...],
    system: str,
    user_pool_id: str | None,
    client_id: str | None,
    drs_function: str | None,
) -> None:
    """Add a context, or change one. Global options given here (--api-url, --region, …) go into it."""
    if name == LOCAL:
        raise Invalid("`local` is always the local cloud", "Take another name.")
    file = session.context_file
    before = file.raw(name) if name in file.names() else {}
    told = from_outputs([_plain_outputs(path) for path in outputs])
    given = {
        "user_pool_id": user_pool_id,
        "client_id": client_id,
        "drs_function": drs_function,
    }
    chosen = {key: value for key, value in given.items() if value}
    overrides = {key: value for key, value in session.overrides.items() if key != "via"}
    via = {"via": session.overrides["via"]} if "via" in session.overrides else {}
    given_here = {**chosen, **overrides, **via}
    if system != DRS:
        own = {key: given_here.pop(key) for key in OF_SYSTEM if key in given_here}
        told[system] = {**before.get(system, {}), **told.get(system, {}), **own}
    file.put(name, {**before, **told, **given_here})
    if not file.current:
        file.use(name)
    session.output.say(f"Context {name} is in {file.path}; the current one is {file.current}.")


@context.command("add-local")
@click.argument("name")
@pass_session
def add_local(session: Session, name: str) -> None:
    """Add a context for the local cloud that is up now. (`--context local` needs no such thing.)"""
    endpoints = local_endpoints()
    session.context_file.put(name, {"endpoints": str(endpoints)})
    session.output.say(f"Context {name} is the local cloud of {endpoints}.")


@context.command("use")
@click.argument("name")
@pass_session
def use(session: Session, name: str) -> None:
    """Make a context the current one."""
    session.context_file.use(name)
    session.output.say(f"The current context is {name}.")


@context.command("remove")
@click.argument("name")
@pass_session
def remove(session: Session, name: str) -> None:
    """Take a context away."""
    session.context_file.remove(name)
    session.output.say(f"Context {name} is gone.")


def _where(row: dict[str, Any]) -> tuple[Any, ...]:
    return (row.get("api_url") or row.get("endpoints"), row.get("region"), row.get("profile"), row.get("via"))


def _plain_outputs(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return {name: output["value"] for name, output in document.items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Invalid(f"{path} is not what `terraform output -json` prints") from error
