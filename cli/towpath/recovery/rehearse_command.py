"""`towpath drs rehearse`: the plan really run, machine and handlers, against a simulated DRS on a fast clock."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from disaster_recovery.errors import PlanInvalid
from towpath.application import Command, pass_session
from towpath.errors import CliError, Invalid
from towpath.recovery.lookups import plan_id
from towpath.recovery.plan_commands import resolved_document
from towpath.recovery.plan_files import document_of, read_plan, refused
from towpath.recovery.report_views import show_forecast
from towpath.session import Session
from towpath.yaml_files import Located

FILE = click.Path(dir_okay=False, path_type=Path)
REPOSITORY = Path(__file__).resolve().parents[3]
DEFAULT_SEEDS = 20

Document = Mapping[str, Any]


@click.command("rehearse", cls=Command)
@click.argument("plan")
@click.option("--inventory", type=FILE, help="What `inventory export` wrote; a stored plan has its own.")
@click.option("--seeds", type=click.IntRange(1, 1000), default=DEFAULT_SEEDS, show_default=True, help="Runs.")
@click.option("--first-seed", type=int, default=0, show_default=True, help="The same seeds give the same report.")
@click.option("--recovery", "kind", flag_value="RECOVERY", help="Rehearse a recovery; a drill when not given.")
@pass_session
def rehearse(
    session: Session, /, plan: str, inventory: Path | None, seeds: int, first_seed: int, kind: str | None
) -> None:
    """Run a PLAN (a plan file, or id or name of a stored one) against a simulated DRS, once for each seed.

    Prints the predicted times of each wave, quotas, conflicts, pauses, recovery points, cost. Nothing is started in any
    account. Exits with 1 when a run did not complete or the recovery time objective was missed. Needs a checkout.
    """
    located, document = _plan(session, plan)
    start_from = _inventory(session, plan, inventory, located)
    engine = _engine()
    with Console(stderr=True).status("Rehearsing"):
        report = _rehearsed(engine, located, document, start_from, seeds, kind or "DRILL", first_seed)
    session.output.show(report, lambda: show_forecast(session.output, report))
    failed = sum(count for status, count in report["outcomes"].items() if status != "COMPLETED")
    if failed:
        raise CliError(f"{failed} of {seeds} runs did not complete", "What failed is listed above.")
    if report["rto"]["verdict"] == "MISSED":
        raise CliError("the recovery time objective was missed in most runs")


def _plan(session: Session, plan: str) -> tuple[Located | None, Document]:
    if Path(plan).is_file() or Path(plan).suffix in (".yaml", ".yml", ".json"):
        located = read_plan(Path(plan))
        if any("protectionGroupId" in wave for wave in located.value["waves"]):
            hint = "Name the stored plan instead, or export it with its servers: `towpath drs plans export --resolved`."
            raise Invalid(f"{plan} names protection groups, which only the system knows", hint)
        return located, located.value
    stored = session.api.get(f"/recovery-plans/{plan_id(session.api, plan)}")
    return None, resolved_document(session, document_of(stored))


def _inventory(session: Session, plan: str, file: Path | None, located: Located | None) -> Document:
    if file is None:
        if located is not None:
            raise Invalid("a plan file needs --inventory", "`towpath drs inventory export -o FILE` writes one.")
        found: Document = session.api.get(f"/recovery-plans/{plan_id(session.api, plan)}/inventory")
        return found
    try:
        document: Document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Invalid(f"{file} cannot be read: {error}") from error
    return document


def _engine() -> Callable[..., dict[str, Any]]:
    """What rehearses: simulator and state machine are parts of the local cloud, not of the installed package."""
    if (REPOSITORY / "local_cloud" / "virtual").is_dir() and str(REPOSITORY) not in sys.path:
        sys.path.append(str(REPOSITORY))
    try:
        rehearsal = importlib.import_module("local_cloud.virtual.recovery.rehearsal")
    except ImportError as error:
        hint = "In a checkout: `make setup`, then .venv/bin/towpath. Elsewhere `towpath drs forecast PLAN` estimates."
        raise CliError(f"rehearsals need a checkout of Towpath ({error})", hint) from error
    found: Callable[..., dict[str, Any]] = rehearsal.rehearse
    return found


def _rehearsed(  # noqa: PLR0913, PLR0917  (all that a rehearsal depends on)
    engine: Callable[..., dict[str, Any]],
    located: Located | None,
    document: Document,
    inventory: Document,
    seeds: int,
    kind: str,
    first_seed: int,
) -> dict[str, Any]:
    from local_cloud.drs.inventory import BadInventory  # noqa: PLC0415  (the engine was found)

    try:
        return engine(document, inventory, seeds, execution_type=kind, first_seed=first_seed)
    except BadInventory as error:
        raise Invalid(f"the inventory is not valid: {error}") from error
    except PlanInvalid as error:
        if located is None:
            raise
        raise refused(located, error.problems) from error
