"""`towpath drs execute`, `readiness`, `forecast`, `evidence`, `servers`, `quotas`."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import click

from disaster_recovery.drs.durations import seconds_of
from disaster_recovery.reports.evidence import verify
from towpath.application import Command, Group, pass_session
from towpath.errors import CliError, Invalid
from towpath.output import coloured, duration, pairs
from towpath.recovery.evidence_files import write_evidence
from towpath.recovery.lookups import execution_id, plan_id
from towpath.recovery.report_views import show_forecast, show_readiness
from towpath.recovery.watching import watch_to_end
from towpath.session import Session

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("execute", cls=Command)
@click.argument("plan")
@click.option("--drill", "kind", flag_value="DRILL", help="Beside the source servers, from their data.")
@click.option("--recovery", "kind", flag_value="RECOVERY", help="The real thing.")
@click.option("--confirm", metavar="NAME", help="For --recovery: the plan's name once more.")
@click.option("--require-readiness", is_flag=True, help="Do not start when a check of the readiness report fails.")
@click.option("--watch", is_flag=True, help="Watch it to its end.")
@pass_session
def execute(
    session: Session, plan: str, kind: str | None, confirm: str | None, require_readiness: bool, watch: bool
) -> None:
    """Start a drill or a recovery of a PLAN (id or name)."""
    if kind is None:
        raise Invalid("say what to start", "`--drill`, or `--recovery` when it is meant.")
    if kind == "RECOVERY" and not confirm:
        confirm = click.prompt("This starts a RECOVERY. Type the plan's name to go on", err=True)
    body: dict[str, Any] = {"planId": plan_id(session.api, plan), "type": kind}
    if confirm:
        body["confirm"] = confirm
    if require_readiness:
        body["requireReadiness"] = True
    state = session.api.post("/executions", body, key=str(uuid.uuid4()))
    if watch:
        watch_to_end(session, state["executionId"])
    said = f"{state['executionId']} is {coloured(state['status'])}: `towpath drs watch {state['executionId']}`"
    session.output.show(state, lambda: session.output.say(said))


@click.command("readiness", cls=Command)
@click.argument("plan")
@click.option("--recovery", "kind", flag_value="RECOVERY", help="For a recovery; a drill when not given.")
@pass_session
def readiness(session: Session, plan: str, kind: str | None) -> None:
    """Check whether a PLAN (id or name) would work now; exits with 1 when a check fails."""
    report = session.api.get(f"/recovery-plans/{plan_id(session.api, plan)}/readiness", {"type": kind or "DRILL"})
    session.output.show(report, lambda: show_readiness(session.output, report))
    if not report["ready"]:
        raise CliError("the plan is not ready", "The checks that failed are listed above.")


@click.command("forecast", cls=Command)
@click.argument("plan")
@click.option("--seed", type=click.IntRange(0), help="The same seed gives the same forecast.")
@pass_session
def forecast(session: Session, plan: str, seed: int | None) -> None:
    """Forecast a run of a stored PLAN (id or name) by the account's present state; `rehearse` really plays it."""
    path = f"/recovery-plans/{plan_id(session.api, plan)}/rehearse"
    found = session.api.post(path, query={"seed": seed})
    session.output.show(found, lambda: show_forecast(session.output, found))


@click.command("evidence", cls=Command)
@click.argument("execution")
@click.option("--html", type=FILE, help="Write the page to print there.")
@click.option("--out", type=FILE, help="Write the data there; standard output when neither is given.")
@pass_session
def evidence(session: Session, execution: str, html: Path | None, out: Path | None) -> None:
    """Get the evidence pack of an EXECUTION: timeline, RTO and RPO reached, approvals, hashes."""
    path = f"/executions/{execution_id(session.api, execution)}/evidence"
    write_evidence(
        session.output, html, out, lambda: session.api.get(path, {"format": "html"}), lambda: session.api.get(path)
    )


@click.command("verify-evidence", cls=Command)
@click.argument("file", type=FILE)
@pass_session
def verify_evidence(session: Session, file: Path) -> None:
    """Check that nothing was changed in an evidence pack (its data) since it was made; exits with 1 when it was."""
    try:
        found = verify(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Invalid(f"{file} is not an evidence pack: {error!r}") from error
    if found:
        raise CliError(f"{file} was changed", problems=[("", problem) for problem in found])
    session.output.show({"problems": []}, lambda: session.output.say(f"{file} is as it was made."))


@click.group("servers", cls=Group)
def servers() -> None:
    """Source servers of AWS DRS."""


@servers.command("list")
@click.option("--account", metavar="ID", help="An account that a plan or group names; the system's own when not given.")
@click.option("--in-region", metavar="REGION", help="The Region that goes with --account.")
@pass_session
def list_servers(session: Session, account: str | None, in_region: str | None) -> None:
    """List source servers with the state of their replication."""
    rows = list(session.api.pages("/source-servers", {"accountId": account, "region": in_region}))
    session.output.show(
        rows,
        lambda: session.output.table(
            "Source servers",
            ("server", "host", "replication", "lag", "last launch", "tags"),
            [
                (
                    row["sourceServerId"],
                    row["hostname"],
                    row.get("replicationState"),
                    duration(seconds_of(row.get("lagDuration"))),
                    row.get("lastLaunchResult"),
                    pairs(row["tags"]),
                )
                for row in rows
            ],
        ),
    )


@click.command("quotas", cls=Command)
@click.option("--account", metavar="ID", help="An account that a plan or group names; the system's own when not given.")
@click.option("--in-region", metavar="REGION", help="The Region that goes with --account.")
@pass_session
def quotas(session: Session, account: str | None, in_region: str | None) -> None:
    """Show the quotas of AWS DRS and what is used of them."""
    found = session.api.get("/quotas", {"accountId": account, "region": in_region})
    place = found["account"]
    session.output.show(
        found,
        lambda: session.output.table(
            f"Quotas in {place['accountId']} {place['region']}",
            ("quota", "limit", "used", "free"),
            [(row["name"], row["limit"], row.get("used"), row.get("free")) for row in found["items"]],
        ),
    )
