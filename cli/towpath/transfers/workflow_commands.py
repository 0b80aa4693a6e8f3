"""`towpath workflows …`: definitions, stored and as files, and what they would make of a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import yaml

from file_transfer.api.secrets import without_password
from file_transfer.workflows.definition import validate_definition
from towpath.application import Group, pass_session
from towpath.contexts import TRANSFERS as SYSTEM
from towpath.errors import CliError, Invalid, Missing
from towpath.session import Session
from towpath.transfers import views
from towpath.transfers.options import YES
from towpath.yaml_files import Located, load, located_in, refused

WORKFLOWS = "/workflows"
FILE = click.Path(dir_okay=False, path_type=Path)
REJECT = "REJECT"


@click.group("workflows", cls=Group, aliases={"ls": "list"})
@pass_session
def workflows(session: Session) -> None:
    """Workflow definitions: whose files a folder holds, and where they go."""
    session.system = SYSTEM


@workflows.command("list")
@pass_session
def list_workflows(session: Session) -> None:
    """List the definitions."""
    rows = list(session.api.pages(WORKFLOWS))
    session.output.show(rows, lambda: views.show_workflows(session.output, rows))


@workflows.command("show")
@click.argument("workflow")
@pass_session
def show(session: Session, workflow: str) -> None:
    """Show a WORKFLOW as a file that `apply` takes; a password's hash is not in it, and is kept by `apply`."""
    stored = session.api.get(f"{WORKFLOWS}/{workflow}")
    session.output.show(stored, lambda: click.echo(_as_yaml(stored["definition"]), nl=False))


@workflows.command("validate")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--remote", is_flag=True, help="Ask the system too: are its servers known, does a copy loop?")
@pass_session
def validate(session: Session, files: tuple[Path, ...], remote: bool) -> None:
    """Say everything that is wrong with definitions in FILES, with line and path."""
    for file in files:
        located = _read(file)
        neighbours = _ask(session, located) if remote else []
        also = f" Files of its source are also taken by {', '.join(neighbours)}." if neighbours else ""
        session.output.say(f"{file} is a valid definition.{also}")
    session.output.show([str(file) for file in files], lambda: None)


@workflows.command("apply")
@click.argument("file", type=FILE)
@YES
@pass_session
def apply(session: Session, file: Path, yes: bool) -> None:
    """Store the definition of FILE: a new one, or in place of the one with its id."""
    located = _read(file)
    definition = located.value
    path = f"{WORKFLOWS}/{definition['workflowId']}"
    try:
        stored = session.api.get(path)
    except Missing:
        stored = None
    if stored is not None and not _changes(stored["definition"], definition):
        result, done = stored, "unchanged"
    elif stored is None:
        with located_in(located):
            result, done = session.api.post(WORKFLOWS, definition), "created"
    else:
        changed = ", ".join(_changes(stored["definition"], definition))
        if not yes:
            click.confirm(f"Replace version {stored['version']} ({changed})?", abort=True, err=True)
        with located_in(located):
            result, done = session.api.put(path, definition, stored["version"]), "replaced"
    said = f"{result['workflowId']}: {done}, version {result['version']}"
    session.output.show({**result, "result": done}, lambda: session.output.say(said))


@workflows.command("delete")
@click.argument("workflow")
@YES
@pass_session
def delete(session: Session, workflow: str, yes: bool) -> None:
    """Delete a WORKFLOW; files of its source are rejected from then on."""
    stored = session.api.get(f"{WORKFLOWS}/{workflow}")
    if not yes:
        click.confirm(f"Delete the workflow {workflow}?", abort=True, err=True)
    session.api.delete(f"{WORKFLOWS}/{workflow}", stored["version"])
    session.output.show({"deleted": workflow}, lambda: session.output.say(f"{workflow} is deleted."))


@workflows.command("simulate")
@click.argument("key")
@click.option("--size", type=click.IntRange(0), metavar="BYTES", help="Default 1024.")
@click.option("--bucket", metavar="NAME", help="The landing bucket when not given.")
@click.option("--at", metavar="TIME", help="When it arrives; now when not given.")
@click.option("--workflow", metavar="ID", help="The workflow that a message names.")
@click.option("--customer", metavar="ID", help="The customer that a message names.")
@click.option("--definition", type=FILE, help="A definition file, in place of the stored one of its id.")
@pass_session
def simulate(session: Session, /, key: str, definition: Path | None, **file: Any) -> None:
    """Explain where a file with this object KEY would go and why; moves nothing, exits with 1 when it is rejected."""
    names = {"size": "sizeBytes", "at": "arrivedAt", "workflow": "workflowId", "customer": "customerId"}
    body = {"key": key, **{names.get(name, name): value for name, value in file.items() if value is not None}}
    if definition:
        body["definition"] = _read(definition).value
    found = session.api.post(f"{WORKFLOWS}/simulate", body)
    session.output.show(found, lambda: views.show_simulation(session.output, found))
    if found["outcome"] == REJECT:
        raise CliError(f"such a file is rejected: {found['rejection']['reason']}: {found['rejection']['message']}")


def _read(file: Path) -> Located:
    """A definition without any problem that the file alone shows. Raises Invalid with line and path of each."""
    located = load(file)
    if not isinstance(located.value, dict):
        raise Invalid(f"{file} is no definition", problems=[(located.place("$"), "must be an object")])
    found = validate_definition(located.value)
    if found:
        raise refused(located, found, "workflow definition")
    return located


def _ask(session: Session, located: Located) -> list[str]:
    said = session.api.post(f"{WORKFLOWS}/validate", located.value)
    if not said["valid"]:
        places = [(located.place(each["path"]), each["message"]) for each in said["errors"]]
        raise Invalid(f"{located.file} cannot be used as it stands", problems=places)
    return list(said["sameSource"])


def _changes(stored: dict[str, Any], definition: dict[str, Any]) -> list[str]:
    """Members that differ; a password that is given counts as another one."""
    plain = without_password(definition)
    names = [name for name in {**stored, **plain} if stored.get(name) != plain.get(name)]
    return sorted({*names, *(["sftpUser"] if plain != definition else [])})


def _as_yaml(definition: dict[str, Any]) -> str:
    text: str = yaml.safe_dump(definition, sort_keys=False, allow_unicode=True, width=120)
    return text
