"""The order of waves: a stable topological sort of `dependsOn`, and what makes it impossible.

Waves run one at a time, so that one budget of quotas serves each; a wave without `dependsOn` follows the one before it
in the document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from disaster_recovery.errors import PlanInvalid
from shared.schemas import Problem

Document = Mapping[str, Any]


def run_order(waves: Sequence[Document]) -> list[int]:
    """Positions of the waves in the order they run: of those that may run, the first of the document comes first.

    Raises PlanInvalid with every problem of the order and of servers that are named twice.
    """
    problems = order_problems(waves)
    if problems:
        raise PlanInvalid(problems)
    return _sorted(dependencies(waves))[0]


def order_problems(waves: Sequence[Document]) -> list[Problem]:
    """What is wrong with names, dependencies and servers, each with its path in the plan's document."""
    if not waves:
        return [Problem("$.waves", "a plan needs at least one wave")]
    naming = [*_duplicate_names(waves), *_unknown_names(waves)]
    return [*naming, *([] if naming else _circles(waves)), *duplicate_servers(waves)]


def dependencies(waves: Sequence[Document]) -> dict[int, set[int]]:
    """Position of each wave → positions of the waves it waits for; unknown names are left out."""
    positions = {wave["name"]: position for position, wave in enumerate(waves)}
    return {
        position: {positions[name] for name in wave["dependsOn"] if name in positions}
        if "dependsOn" in wave
        else ({position - 1} if position else set())
        for position, wave in enumerate(waves)
    }


def duplicate_servers(waves: Sequence[Document]) -> list[Problem]:
    """A server starts once: naming it twice, in one wave or two, is a mistake."""
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for position, wave in enumerate(waves):
        for index, server in enumerate(wave.get("servers") or []):
            server_id = server["sourceServerId"]
            path = f"$.waves[{position}].servers[{index}].sourceServerId"
            if server_id in seen:
                problems.append(Problem(path, f"{server_id} is in the plan already, at {seen[server_id]}"))
            seen.setdefault(server_id, path)
    return problems


def _duplicate_names(waves: Sequence[Document]) -> list[Problem]:
    first: dict[str, int] = {}
    problems = []
    for position, wave in enumerate(waves):
        if first.setdefault(wave["name"], position) != position:
            problems.append(Problem(f"$.waves[{position}].name", f"a wave before has the name {wave['name']!r} too"))
    return problems


def _circles(waves: Sequence[Document]) -> list[Problem]:
    _, stuck = _sorted(dependencies(waves))
    names = ", ".join(str(waves[position]["name"]) for position in stuck)
    return [Problem(f"$.waves[{position}].dependsOn", f"the waves {names} wait for each other") for position in stuck]


def _unknown_names(waves: Sequence[Document]) -> list[Problem]:
    names = {wave["name"] for wave in waves}
    return [
        Problem(f"$.waves[{position}].dependsOn[{index}]", f"there is no wave {name!r}")
        for position, wave in enumerate(waves)
        for index, name in enumerate(wave.get("dependsOn") or [])
        if name not in names
    ]


def _sorted(waits_for: Mapping[int, set[int]]) -> tuple[list[int], list[int]]:
    done: list[int] = []
    left = sorted(waits_for)
    while left:
        ready = next((position for position in left if waits_for[position] <= set(done)), None)
        if ready is None:
            break
        done.append(ready)
        left.remove(ready)
    return done, left
