"""`towpath audit verify`: is a copy of the audit bucket whole? Asks nobody and needs no credentials."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from file_transfer.archive.verification import Report, verify
from towpath.application import Group, pass_session
from towpath.errors import CliError, Invalid
from towpath.session import Session

SHOWN = 50


@click.group("audit", cls=Group)
def audit() -> None:
    """Check the exported audit trail of file transfer."""


@audit.command("verify")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--head", metavar="SHA256", default="", help="A digest that seal-audit logged; it must be there.")
@pass_session
def verify_folder(session: Session, folder: Path, head: str) -> None:
    """Find any edit, gap or reorder in FOLDER, a copy of the audit bucket. Exit code 1 if there is one."""
    try:
        report = verify(folder, head)
    except FileNotFoundError as error:
        raise Invalid(str(error), "aws s3 sync s3://BUCKET FOLDER copies it.") from None
    session.output.show(asdict(report), lambda: _show(session, report))
    if report.findings:
        raise CliError(
            f"{len(report.findings)} things are wrong with the trail",
            "Compare with the bucket's versions: what is locked is still there, below what was put over it.",
        )


def _show(session: Session, report: Report) -> None:
    output = session.output
    output.fields(
        "Audit trail",
        {
            "sealed": f"{report.hours} hours, {report.first_hour} to {report.last_hour}" if report.hours else "nothing",
            "head": report.head,
            "objects": report.objects,
            "records": report.records,
            "transfers": report.transfers,
            "not sealed yet": ", ".join(report.unsealed),
        },
    )
    if report.findings:
        rows = [(each.kind, each.where, each.message) for each in report.findings[:SHOWN]]
        output.table("What is wrong", ("what", "where", "why"), rows)
    else:
        output.say("Nothing was edited, nothing is missing, everything is in its order.")
