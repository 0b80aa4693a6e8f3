"""`towpath drs plans …`: recovery plans, stored and as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from towpath.application import Group, pass_session
from towpath.errors import Invalid
from towpath.output import moment
from towpath.recovery.lookups import plan_id, stored_summary
from towpath.recovery.plan_diff import differences
from towpath.recovery.plan_files import as_yaml, document_of, read_plan
from towpath.recovery.plan_views import show_changes, show_plan, size_of
from towpath.session import Session
from towpath.yaml_files import Located, located_in

PLANS = "/recovery-plans"
FILE = click.Path(dir_okay=False, path_type=Path)
DIFFERENT = 1


@click.group("plans", cls=Group)
def plans() -> None:
    """Recovery plans: waves of servers, and what happens between them."""


@plans.command("list")
@pass_session
def list_plans(session: Session) -> None:
    """List the recovery plans."""
    rows = list(session.api.pages(PLANS))
    session.output.show(
        rows,
        lambda: session.output.table(
            "Recovery plans",
            ("plan", "name", "waves", "version", "updated", "by"),
            [
                (
                    row["planId"],
                    row["name"],
                    row["waveCount"],
                    row["version"],
                    moment(row["updatedAt"]),
                    row["updatedBy"],
                )
                for row in rows
            ],
        ),
    )


@plans.command("show")
@click.argument("plan")
@pass_session
def show(session: Session, plan: str) -> None:
    """Show a PLAN (id or name)."""
    stored = _stored(session, plan)
    session.output.show(stored, lambda: show_plan(session.output, stored))


@plans.command("export")
@click.argument("plan")
@click.option("--resolved", is_flag=True, help="With the servers of groups in place of the groups, for break-glass.")
@click.option("--output", "-o", type=FILE, help="Where to; standard output when not given.")
@pass_session
def export(session: Session, plan: str, resolved: bool, output: Path | None) -> None:
    """Write a stored PLAN (id or name) as a plan file."""
    document = document_of(_stored(session, plan))
    text = as_yaml(resolved_document(session, document) if resolved else document)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
        session.output.say(f"{plan} is in {output}.")


@plans.command("validate")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--remote", is_flag=True, help="Ask the system too: do servers, groups and points in time exist?")
@pass_session
def validate(session: Session, files: tuple[Path, ...], remote: bool) -> None:
    """Say everything that is wrong with plan FILES, with line and path."""
    for file in files:
        located = read_plan(file)
        if remote:
            _ask(session, located)
        waves, servers = size_of(located.value)
        session.output.say(f"{file} is a valid plan: {waves} waves, {servers}.")
    session.output.show([str(file) for file in files], lambda: None)


@plans.command("diff")
@click.argument("file", type=FILE)
@click.option("--exit-code", is_flag=True, help="Exit with 1 when there are differences, as git does.")
@pass_session
def diff(session: Session, file: Path, exit_code: bool) -> None:
    """Show what applying FILE would change in the stored plan of its name."""
    located = read_plan(file)
    stored = _of_name(session, located.value["name"])
    if stored is None:
        session.output.show(
            [], lambda: session.output.say(f"{located.value['name']} is not stored yet: all of it is new.")
        )
        changed = True
    else:
        changes = differences(document_of(stored), located.value)
        show_changes(session.output, stored, changes)
        changed = bool(changes)
    if exit_code and changed:
        raise SystemExit(DIFFERENT)


@plans.command("apply")
@click.argument("file", type=FILE)
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_session
def apply(session: Session, file: Path, yes: bool) -> None:
    """Store the plan of FILE: a new one, or in place of the one with its name. Shows the difference first."""
    located = read_plan(file)
    name = located.value["name"]
    stored = _of_name(session, name)
    changes = [] if stored is None else differences(document_of(stored), located.value)
    if stored is not None and not changes and document_of(stored) == located.value:
        session.output.show({**stored, "result": "unchanged"}, lambda: session.output.say(f"{name} is as in {file}."))
        return
    if stored is not None and not session.as_json:
        show_changes(session.output, stored, changes)
    if stored is not None and not yes:
        click.confirm(f"Replace version {stored['version']} of {name}?", abort=True, err=True)
    result = _store(session, located, stored)
    done = "created" if stored is None else "replaced"
    said = f"{name}: {result['planId']} {done}, version {result['version']}"
    session.output.show({**result, "result": done}, lambda: session.output.say(said))


@plans.command("delete")
@click.argument("plan")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_session
def delete(session: Session, plan: str, yes: bool) -> None:
    """Delete a PLAN (id or name) of which no execution is under way."""
    stored = _stored(session, plan)
    if not yes:
        click.confirm(f"Delete the recovery plan {stored['name']}?", abort=True, err=True)
    session.api.delete(f"{PLANS}/{stored['planId']}", stored["version"])
    gone = {"deleted": stored["name"]}
    session.output.show(gone, lambda: session.output.say(f"{stored['name']} is deleted."))


def _stored(session: Session, plan: str) -> dict[str, Any]:
    found: dict[str, Any] = session.api.get(f"{PLANS}/{plan_id(session.api, plan)}")
    return found


def resolved_document(session: Session, document: dict[str, Any]) -> dict[str, Any]:
    """The plan with the servers that its groups take now."""
    said = session.api.post(f"{PLANS}/validate", document)
    if not said["valid"]:
        raise Invalid(
            "the plan cannot be run as it stands", problems=[(e["path"], e["message"]) for e in said["errors"]]
        )
    taken = {wave["name"]: wave["servers"] for wave in said["waves"]}
    waves = []
    for wave in document["waves"]:
        members = [{"sourceServerId": each["sourceServerId"]} for each in taken[wave["name"]]]
        plain = {name: value for name, value in wave.items() if name != "protectionGroupId"}
        waves.append(wave if "servers" in wave else {**plain, "servers": members})
    return {**document, "waves": waves}


def _of_name(session: Session, name: str) -> dict[str, Any] | None:
    summary = stored_summary(session.api, name)
    return None if summary is None else _stored(session, summary["planId"])


def _store(session: Session, located: Located, stored: dict[str, Any] | None) -> dict[str, Any]:
    """Creates or replaces; what the API finds wrong is told with the file's lines."""
    with located_in(located):
        if stored is None:
            made: dict[str, Any] = session.api.post(PLANS, located.value)
        else:
            made = session.api.put(f"{PLANS}/{stored['planId']}", located.value, stored["version"])
    return made


def _ask(session: Session, located: Located) -> None:
    said = session.api.post(f"{PLANS}/validate", located.value)
    if not said["valid"]:
        places = [(located.place(each["path"]), each["message"]) for each in said["errors"]]
        raise Invalid(f"{located.file} cannot be run as it stands", problems=places)
