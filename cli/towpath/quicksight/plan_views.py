"""A plan for a tired reader: what is dangerous first, what changes with its differences, what stays as a count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.markup import escape

from towpath.output import Output

Document = Mapping[str, Any]

#: In the order in which they are shown: sign, colour, what happens.
ACTIONS = {
    "CONFLICT": ("!", "bold red", "in the way"),
    "DELETE": ("-", "red", "to delete"),
    "UPDATE": ("~", "yellow", "to change"),
    "CREATE": ("+", "green", "to create"),
    "SKIP": (">", "cyan", "left as it is"),
    "UNCHANGED": ("=", "dim", "the same"),
}
QUIET = ("UNCHANGED",)
#: Differences of one asset, and characters of one value, unless everything is asked for.
FEW, SHORT = 5, 48
HASH_LENGTH = 8


def show_plan(output: Output, found: Document, everything: bool = False) -> None:
    """`found`: {"jobId", "planHash", "plan"}. `everything`: what does not change too, and nothing is cut."""
    plan = found["plan"]
    _head(output, found)
    items = sorted(plan["items"], key=_order)
    shown = [item for item in items if everything or item["action"] not in QUIET]
    for item in shown:
        _item(output, item, everything)
    if not shown:
        output.say("  nothing changes")
    _permissions(output, plan.get("permissions", []))
    for warning in plan.get("warnings", []):
        output.say(f"[yellow]Mind[/yellow]: {escape(str(warning))}")
    for problem in plan.get("errors", []):
        output.say(f"[bold red]Error[/bold red]: {escape(problem['path'])} {escape(problem['message'])}")
    output.say(f"\n[bold]{summary(plan)}[/bold]\nplan hash {found['planHash']}")


def summary(plan: Document) -> str:
    """`1 in the way, 2 to change, 3 to create, 4 the same`."""
    counts = plan.get("counts", {})
    parts = [f"{counts[action]} {what}" for action, (_, _, what) in ACTIONS.items() if counts.get(action)]
    return ", ".join(parts) or "nothing to do"


def short_hash(plan_hash: str) -> str:
    """What a person types to approve it."""
    return plan_hash[:HASH_LENGTH]


def _head(output: Output, found: Document) -> None:
    plan = found["plan"]
    source, target = (
        f"{plan[f'{side}AccountId']} {plan.get(f'{side}Region', '')}".strip() for side in ("source", "target")
    )
    policy = f"{plan['conflictPolicy']}{' ' + plan['prefix'] if plan.get('prefix') else ''}"
    output.say(f"[bold]Plan of {found['jobId']}[/bold]\n{source} -> {target}, on conflict {escape(policy)}\n")


def _item(output: Output, item: Document, everything: bool) -> None:
    sign, colour, what = ACTIONS.get(item["action"], ("?", "white", item["action"]))
    name = f' "{item["name"]}"' if item.get("name", item["assetId"]) != item["assetId"] else ""
    became = f" as {item['targetAssetId']}" if item["targetAssetId"] != item["assetId"] else ""
    output.coloured_line(f"{sign} {item['assetType']:<16} {item['assetId']}{became}{name}  ({what})", colour)
    differences = item.get("differences", [])
    kept = differences if everything else differences[:FEW]
    for difference in kept:
        output.coloured_line(f"      {_difference(difference, everything)}", "white")
    if len(differences) > len(kept):
        output.coloured_line(f"      … and {len(differences) - len(kept)} more (--all shows them)", "dim")


def _difference(difference: Document, everything: bool) -> str:
    before, after = (_value(difference, name, everything) for name in ("from", "to"))
    return f"{difference['path']}: {before} -> {after}"


def _value(difference: Document, name: str, everything: bool) -> str:
    text = "nothing" if difference.get(name) is None else str(difference[name])
    return text if everything or len(text) <= SHORT else f"{text[: SHORT - 1]}…"


def _permissions(output: Output, grants: Sequence[Document]) -> None:
    rows = [
        (
            grant["assetType"],
            grant.get("targetAssetId", grant["assetId"]),
            grant.get("access", ""),
            "\n".join(_principal(arn) for arn in grant["principals"]),
            "and nobody else" if grant.get("replace") else "",
        )
        for grant in grants
    ]
    if rows:
        output.table("Permissions", ("type", "asset", "access", "for", ""), rows)


def _principal(arn: str) -> str:
    """`group/default/analysts` of the ARN."""
    return arn.rpartition(":")[2]


def _order(item: Document) -> tuple[int, str, str]:
    actions = list(ACTIONS)
    place = actions.index(item["action"]) if item["action"] in actions else len(actions)
    return place, item["assetType"], item["assetId"]
