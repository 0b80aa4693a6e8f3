"""UpdatePermissions: each asset of the plan gets its permissions, by its id, and is looked at again afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from quicksight_migration import worker
from quicksight_migration.accounts.quicksight_errors import Conflict, LimitExceeded
from quicksight_migration.accounts.sessions import AccountSession
from quicksight_migration.assets.inventory import each_of
from quicksight_migration.assets.types import Asset
from quicksight_migration.permissions.asset_permissions import apply_change, read_permissions
from quicksight_migration.permissions.convergence import Change, change_of, wanted_of
from quicksight_migration.planning.plan import Grant
from quicksight_migration.worker import Answer, Task
from quicksight_migration.worker_tools import WorkerTools
from shared.errors import NotFound, TowpathError

#: Assets between two looks at the clock.
SLICE = 40
#: How often what is not yet as it should be is tried again, and the seconds between.
TRIES, PAUSE_SECONDS = 5, 5
MOST_TOLD = 50


@dataclass(frozen=True)
class Progress:
    """How far the step is: assets done, how many of them were changed, and rounds tried at the present slice."""

    done: int = 0
    changed: int = 0
    tries: int = 0


@dataclass(frozen=True)
class Outcome:
    """What became of one asset: `reason` says why it is not as it should be, `lasting` that it will not be."""

    changed: bool = False
    reason: str = ""
    lasting: bool = False


def update_permissions(tools: WorkerTools, task: Task) -> Answer:
    """The step UpdatePermissions. Output: {"assets", "changed"}."""
    reading = tools.job(task.job_id)
    plan, _ = tools.plan(reading)
    grants = by_target(plan.permissions)
    if not grants:
        return worker.skipped("the job names no permissions")
    session = tools.target(reading.job)
    assets = list(grants)
    progress = Progress(**task.progress)
    while progress.done < len(assets):
        if tools.is_short_of_time:
            return worker.wait(1, asdict(progress))
        part = assets[progress.done : progress.done + SLICE]
        outcomes = each_of(part, lambda asset: converge(session, asset, grants[asset]))
        failures = {asset: each for asset, each in outcomes.items() if each.reason}
        if failures and (progress.tries + 1 >= TRIES or any(each.lasting for each in failures.values())):
            return _failed(failures)
        progress = replace(progress, changed=progress.changed + sum(each.changed for each in outcomes.values()))
        if failures:
            return worker.wait(PAUSE_SECONDS, asdict(replace(progress, tries=progress.tries + 1)))
        progress = replace(progress, done=progress.done + len(part), tries=0)
    return worker.succeeded({"assets": len(assets), "changed": progress.changed})


def by_target(grants: Iterable[Grant]) -> dict[Asset, list[Grant]]:
    """Grants by the asset in the target."""
    found: dict[Asset, list[Grant]] = {}
    for grant in grants:
        found.setdefault(grant.target, []).append(grant)
    return found


def converge(session: AccountSession, asset: Asset, grants: Sequence[Grant]) -> Outcome:
    """Brings the permissions of one asset to what the plan wants, and looks whether they are.

    Raises the taxonomy's errors for what concerns more than this asset.
    """
    wanted, replaces = wanted_of(grants)
    try:
        change = change_of(read_permissions(session, asset), wanted, replaces)
        if not change:
            return Outcome()
        apply_change(session, asset, change)
        left = change_of(read_permissions(session, asset), wanted, replaces)
    except (NotFound, LimitExceeded) as error:
        return Outcome(reason=_said(error), lasting=True)
    except Conflict as error:
        return Outcome(reason=_said(error))
    return Outcome(changed=True, reason=_missing(left) if left else "")


def _missing(left: Change) -> str:
    parts = [f"{len(left.grant)} principals lack permissions"] if left.grant else []
    parts += [f"{len(left.revoke)} keep permissions that they should not have"] if left.revoke else []
    return ", ".join(parts)


def _said(error: TowpathError) -> str:
    return f"{error.code}: {error}"


def _failed(failures: Mapping[Asset, Outcome]) -> Answer:
    details = [
        {"assetType": str(asset.type), "assetId": asset.id, "message": each.reason} for asset, each in failures.items()
    ]
    first = next(iter(failures))
    message = f"{len(failures)} assets have not got their permissions, the first: {first}: {failures[first].reason}"
    return worker.failed("PERMISSIONS_NOT_APPLIED", message, details[:MOST_TOLD])
