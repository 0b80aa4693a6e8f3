"""Check asl/*.asl.json against the rules for state machine definitions.

A definition is valid JSON before and after Terraform renders it, speaks JSONata, and names a way out of every failure:
each Task has TimeoutSeconds, Retry and Catch, transitions lead to states that exist, and every state can be reached.
Rules of the States Language that AWS checks at deployment only (States.ALL stands alone and last, state names are
unique and have 80 characters at most) are checked here as well.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.paths import ASL, shown

State = dict[str, Any]

PLACEHOLDER = re.compile(r"(?<!\$)\$\{([^}]*)\}")
PLACEHOLDER_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
JSONPATH_FIELDS = {"InputPath", "OutputPath", "ResultPath", "ResultSelector", "Parameters", "ItemsPath"}
TASK_FIELDS = ("TimeoutSeconds", "Retry", "Catch")
ENDS = {"Succeed", "Fail"}
NAME_LIMIT = 80
CATCH_ALL = "States.ALL"


def problems(text: str) -> list[str]:
    """What is wrong with a definition, each on one line; empty where nothing is."""
    found = list(_template_problems(text))
    try:
        machine = json.loads(text, object_pairs_hook=_without_duplicates)
    except ValueError as error:
        return [*found, f"not valid JSON: {error}"]
    if machine.get("QueryLanguage") != "JSONata":
        found.append("QueryLanguage must be JSONata")
    found += _scope_problems(machine, "machine")
    names = [name for scope in scopes(machine) for name in scope.get("States", {})]
    found += [f"{name}: another state has the same name" for name in sorted({n for n in names if names.count(n) > 1})]
    return found


def scopes(machine: State) -> Iterator[State]:
    """The machine and every processor and branch nested in its states: all that has StartAt and States."""
    yield machine
    for state in machine.get("States", {}).values():
        for scope in nested(state):
            yield from scopes(scope)


def nested(state: State) -> list[State]:
    """The scopes directly inside of a Map or Parallel state."""
    return [*([state["ItemProcessor"]] if "ItemProcessor" in state else []), *state.get("Branches", [])]


def targets(state: State) -> list[str]:
    """Names of the states that may follow a state, its failures included."""
    ways = [state, *state.get("Choices", []), *state.get("Catch", [])]
    return [way["Next"] for way in ways if "Next" in way] + ([state["Default"]] if "Default" in state else [])


def _template_problems(text: str) -> Iterator[str]:
    if "%{" in text:
        yield '"%{" opens a Terraform directive: leave a space, as in "{% {…} %}"'
    for name in PLACEHOLDER.findall(text):
        if not PLACEHOLDER_NAME.fullmatch(name):
            yield f"placeholder ${{{name}}} must be snake_case, without an expression"


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"{key!r} occurs twice in one object")
    return dict(pairs)


def _scope_problems(scope: State, where: str) -> Iterator[str]:
    states: dict[str, State] = scope.get("States", {})
    start = scope.get("StartAt")
    if start not in states:
        yield f"{where}: StartAt names {start!r}, which is no state of it"
        return
    reached, frontier = set(), [start]
    while frontier:
        name = frontier.pop()
        if name in states and name not in reached:
            reached.add(name)
            frontier += targets(states[name])
    yield from (f"{name}: cannot be reached" for name in states if name not in reached)
    for name, state in states.items():
        missing = [target for target in targets(state) if target not in states]
        yield from (f"{name}: leads to {target!r}, which does not exist" for target in missing)
        yield from _state_problems(name, state)
        for inner in nested(state):
            yield from _scope_problems(inner, name)


def _state_problems(name: str, state: State) -> Iterator[str]:
    kind = state.get("Type")
    if len(name) > NAME_LIMIT:
        yield f"{name}: longer than {NAME_LIMIT} characters"
    if kind == "Choice" and "Default" not in state:
        yield f"{name}: a Choice without Default fails on what nobody thought of"
    if kind not in ENDS and kind != "Choice" and ("Next" in state) == bool(state.get("End")):
        yield f"{name}: needs either Next or End"
    if kind == "Task":
        yield from (f"{name}: a Task needs {field}" for field in TASK_FIELDS if not state.get(field))
    if state.get("QueryLanguage", "JSONata") != "JSONata":
        yield f"{name}: QueryLanguage must be JSONata"
    yield from (f"{name}: {field} is JSONPath" for field in sorted(JSONPATH_FIELDS & state.keys()))
    for field in ("Retry", "Catch"):
        yield from _catch_all_problems(name, field, state.get(field, []))


def _catch_all_problems(name: str, field: str, rules: list[State]) -> Iterator[str]:
    for index, rule in enumerate(rules):
        errors = rule.get("ErrorEquals", [])
        if CATCH_ALL in errors and (len(errors) > 1 or index < len(rules) - 1):
            yield f"{name}: {field}: {CATCH_ALL} must be alone and last"


def main() -> int:
    found = [f"{shown(path)}: {line}" for path in sorted(ASL.glob("*")) for line in file_problems(path)]
    print("\n".join(found) if found else f"· asl: {len(list(ASL.glob('*.asl.json')))} definition(s) in order")
    return 1 if found else 0


def file_problems(path: Path) -> list[str]:
    """As problems(), for a file of asl/."""
    if not path.name.endswith(".asl.json"):
        return ["only <machine>.asl.json belongs here"]
    return problems(path.read_text())


if __name__ == "__main__":
    sys.exit(main())
