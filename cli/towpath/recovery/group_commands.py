"""`towpath drs groups …`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from disaster_recovery.plans.validation import group_problems
from shared.schemas import load as load_schema
from towpath.application import Group, pass_session
from towpath.errors import CliError, Invalid
from towpath.output import moment, pairs
from towpath.recovery.lookups import group_id, stored_group
from towpath.session import Session
from towpath.yaml_files import load

GROUPS = "/protection-groups"
FILE = click.Path(dir_okay=False, path_type=Path)


@click.group("groups", cls=Group)
def groups() -> None:
    """Protection groups: servers that belong together."""


@groups.command("list")
@pass_session
def list_groups(session: Session) -> None:
    """List the protection groups."""
    rows = list(session.api.pages(GROUPS))
    session.output.show(
        rows,
        lambda: session.output.table(
            "Protection groups",
            ("group", "name", "servers by id", "by tags", "version", "updated"),
            [
                (
                    row["groupId"],
                    row["name"],
                    len(row["selection"].get("sourceServerIds", [])),
                    pairs(row["selection"].get("tags", {})),
                    row["version"],
                    moment(row["updatedAt"]),
                )
                for row in rows
            ],
        ),
    )


@groups.command("show")
@click.argument("group")
@pass_session
def show(session: Session, group: str) -> None:
    """Show a GROUP (id or name) and the servers it takes now."""
    stored = session.api.get(f"{GROUPS}/{group_id(session.api, group)}")
    taken = session.api.post(f"{GROUPS}/preview", _selection_of(stored))

    def render() -> None:
        names = ("groupId", "description", "version", "createdBy", "updatedBy", "updatedAt")
        session.output.fields(stored["name"], {name: stored.get(name) for name in names})
        _show_servers(session, taken)

    session.output.show({**stored, "servers": taken["servers"]}, render)


@groups.command("preview")
@click.option("--server", "servers", multiple=True, metavar="ID", help="A source server; may be given again.")
@click.option("--tag", "tags", multiple=True, metavar="KEY=VALUE", help="Servers with all tags given.")
@pass_session
def preview(session: Session, servers: tuple[str, ...], tags: tuple[str, ...]) -> None:
    """Show which servers a selection would take now."""
    if not servers and not tags:
        raise Invalid("a selection needs --server or --tag")
    pairs = dict(_pair(tag) for tag in tags)
    selection: dict[str, Any] = {"sourceServerIds": list(servers)} if servers else {}
    taken = session.api.post(f"{GROUPS}/preview", {"selection": selection | ({"tags": pairs} if pairs else {})})
    session.output.show(taken, lambda: _show_servers(session, taken))


@groups.command("apply")
@click.argument("file", type=FILE)
@pass_session
def apply(session: Session, file: Path) -> None:
    """Store the group of a YAML FILE: a new one, or in place of the one with its name."""
    located = load(file)
    if found := group_problems(located.value):
        places = [(located.place(each.path), each.message) for each in found]
        raise Invalid(f"{file} is not a valid protection group", problems=places)
    before = stored_group(session.api, located.value["name"])
    if before is None:
        stored = session.api.post(GROUPS, located.value)
        done = "created"
    elif {name: before[name] for name in _own() if name in before} == located.value:
        stored, done = before, "unchanged"
    else:
        stored = session.api.put(f"{GROUPS}/{before['groupId']}", located.value, before["version"])
        done = "replaced"
    said = f"{stored['name']}: {stored['groupId']} {done}, version {stored['version']}"
    session.output.show({**stored, "result": done}, lambda: session.output.say(said))


@groups.command("apply-launch-settings")
@click.argument("group")
@pass_session
def apply_launch_settings(session: Session, group: str) -> None:
    """Set the launch settings of a GROUP (id or name) on the servers it takes now; exits with 1 when one refused."""
    path = f"{GROUPS}/{group_id(session.api, group)}/apply-launch-settings"
    done = session.api.post(path)
    session.output.show(
        done,
        lambda: session.output.table(
            "Launch settings",
            ("server", "host", "applied", "why not"),
            [
                (each["sourceServerId"], each["hostname"], each["applied"], each.get("error"))
                for each in done["servers"]
            ],
        ),
    )
    if not all(each["applied"] for each in done["servers"]):
        raise CliError("the launch settings of some servers were not set")


@groups.command("delete")
@click.argument("group")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_session
def delete(session: Session, group: str, yes: bool) -> None:
    """Delete a GROUP (id or name) that no plan names."""
    stored = session.api.get(f"{GROUPS}/{group_id(session.api, group)}")
    if not yes:
        click.confirm(f"Delete the protection group {stored['name']}?", abort=True, err=True)
    session.api.delete(f"{GROUPS}/{stored['groupId']}", stored["version"])
    gone = {"deleted": stored["name"]}
    session.output.show(gone, lambda: session.output.say(f"{stored['name']} is deleted."))


def _show_servers(session: Session, taken: dict[str, Any]) -> None:
    place = taken["account"]
    session.output.table(
        f"{taken['count']} servers in {place['accountId']} {place['region']}",
        ("server", "host", "taken by", "tags"),
        [
            (each["sourceServerId"], each["hostname"], ", ".join(each["by"]), pairs(each["tags"]))
            for each in taken["servers"]
        ],
    )


def _selection_of(stored: dict[str, Any]) -> dict[str, Any]:
    return {name: stored[name] for name in ("selection", "account") if name in stored}


def _own() -> list[str]:
    return list(load_schema("protection-group")["properties"])


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise Invalid(f"{text!r} is not KEY=VALUE")
    return key, value
