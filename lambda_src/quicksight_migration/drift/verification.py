"""What an import has really left: each asset of the plan as it is in the target. Pure.

An asset that is missing, failed or broken is an error. One that differs from what the plan foresaw is only told:
QuickSight completes definitions with defaults of its own, and somebody may have changed it already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quicksight_migration.assets.inventory import BUSY_STATES, FAILED_STATES, Found
from quicksight_migration.assets.types import Asset, AssetType, Place, console_url
from quicksight_migration.planning.plan import Action, Item, Plan

VERIFIED, DIFFERS, MISSING, FAILED, BROKEN, BUSY, LEFT, GONE = (
    "VERIFIED",
    "DIFFERS",
    "MISSING",
    "FAILED",
    "BROKEN",
    "BUSY",
    "LEFT",
    "GONE",
)
#: What the step cannot end well with.
WRONG = frozenset({MISSING, FAILED, BROKEN})
#: What is told: an asset that somebody changed is not deleted by a restore.
TOLD = frozenset({DIFFERS, LEFT})
DEFINED = (AssetType.DASHBOARD, AssetType.ANALYSIS)
#: Members of an answer's list of results, and the characters that they may take together.
MOST_RESULTS, MOST_CHARACTERS = 100, 24_000
SHOWN = ("assetType", "assetId", "arn", "url")


@dataclass(frozen=True)
class Verdict:
    """What one asset is found to be. `detail` is for people."""

    item: Item
    state: str
    detail: str = ""

    def document(self) -> dict[str, Any]:
        """As the verification document holds it."""
        return {
            "assetType": str(self.item.target.type),
            "assetId": self.item.target.id,
            "action": str(self.item.action),
            "state": self.state,
            **({"detail": self.detail} if self.detail else {}),
        }


def verdicts_of(plan: Plan, found: Mapping[Asset, Found | None], strict: bool) -> list[Verdict]:
    """One verdict an asset that the plan imports or deletes. `strict`: errors in definitions are failures."""
    return [_verdict(item, found.get(item.target), strict) for item in plan.items if is_ours(item)]


def is_ours(item: Item) -> bool:
    """Whether the job has had to do with the asset: what is skipped is the target's own affair."""
    return item.action is not Action.SKIP


def results_of(plan: Plan, place: Place) -> list[dict[str, Any]]:
    """The imported assets with the pages that show them, what others depend on last."""
    found = []
    for item in reversed(plan.items):
        if item.action in (Action.CREATE, Action.UPDATE, Action.UNCHANGED):
            url = console_url(item.target, place.region)
            found.append(
                {
                    "assetType": str(item.target.type),
                    "assetId": item.target.id,
                    "name": item.name,
                    "action": str(item.action),
                    "arn": item.target.arn(place),
                    **({"url": url} if url else {}),
                }
            )
    return found


def shortened(results: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """As many results as fit into a record, those with a page first."""
    kept: list[dict[str, Any]] = []
    room = MOST_CHARACTERS
    for each in sorted(results, key=lambda result: "url" not in result)[:MOST_RESULTS]:
        shown = {name: each[name] for name in SHOWN if name in each}
        room -= sum(len(name) + len(shown[name]) + 6 for name in shown)
        if room < 0:
            break
        kept.append(shown)
    return kept


def _verdict(item: Item, found: Found | None, strict: bool) -> Verdict:
    if item.action is Action.DELETE:
        return Verdict(item, GONE) if found is None else Verdict(item, LEFT, "was to be deleted and is still there")
    if found is None:
        return Verdict(item, MISSING, "was imported and is not there")
    state, detail = _state(item, found, strict)
    return Verdict(item, state, detail)


def _state(item: Item, found: Found, strict: bool) -> tuple[str, str]:
    told = "; ".join(found.errors[:3])
    if found.status in BUSY_STATES:
        return BUSY, found.status
    if found.status in FAILED_STATES:
        return FAILED, f"{found.status} {told}".strip()
    if found.errors and item.target.type in DEFINED and strict:
        return BROKEN, told
    if found.fingerprint != item.new_fingerprint:
        return DIFFERS, "is not quite what the plan foresaw"
    return VERIFIED, told
