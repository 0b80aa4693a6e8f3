"""docs/disaster-recovery.md tells what an operator meets: states, statuses, fields, routes, codes, metrics, alarms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from disaster_recovery import errors
from disaster_recovery.api.routes import API
from disaster_recovery.api.terms import RUN
from disaster_recovery.records import statuses
from shared.errors import TowpathError
from tools.asl_lint import scopes
from tools.paths import ASL, ROOT

PAGE = (ROOT / "docs" / "disaster-recovery.md").read_text()
NAMED = set(re.findall(r"`([^`\n]+)`", PAGE))
ROWS = {
    cell.strip(" `")
    for line in PAGE.splitlines()
    if line.startswith("|")
    for cell in re.split(r", ", line.split("|")[1])
}
HANDLERS = ROOT / "lambda_src" / "disaster_recovery"


def sources() -> Iterator[str]:
    """Text of each module of the system and of what its API is built on."""
    for folder in (HANDLERS, ROOT / "lambda_src" / "shared"):
        yield from (path.read_text() for path in sorted(folder.rglob("*.py")))


def in_sources(pattern: str) -> set[str]:
    return {found for text in sources() for found in re.findall(pattern, text)}


def test_every_state_is_described() -> None:
    definition = json.loads((ASL / "drs_recovery.asl.json").read_text())

    states = {name for scope in scopes(definition) for name in scope["States"]}

    assert len(states) > 20
    assert states - ROWS == set()


def test_every_status_is_described() -> None:
    words = {str(each) for kind in (statuses.ExecutionStatus, statuses.WaveStatus) for each in kind}

    assert words - ROWS == set()
    assert {
        str(each) for each in (*statuses.LaunchStatus, *statuses.IntentState, *statuses.ActionState)
    } - NAMED == set()


def test_every_field_of_a_plan_is_described() -> None:
    # Given the schema's fields, and the document's cells such as `pause.onTimeout` and `servers[].criticality`
    schema = json.loads((ROOT / "schemas" / "recovery-plan.schema.json").read_text())

    def fields(part: dict[str, Any]) -> set[str]:
        return set(part.get("properties", {}))

    wanted = fields(schema).union(*(fields(part) for part in schema["$defs"].values()))
    wanted |= {name for part in schema["properties"].values() for name in fields(part)}
    described = {part for name in NAMED for part in re.split(r"\[\]\.|\.", name)}

    # Then each is there
    assert len(wanted) > 30
    assert wanted - described == set()


def rows_of_routes() -> dict[str, str]:
    """`POST /protection-groups` → its row; rows such as `GET`, `POST /protection-groups` are those of several."""
    found = {}
    for line in PAGE.splitlines():
        cell = line.split("|")[1].replace("`", "") if line.startswith("|") else ""
        methods, slash, path = cell.partition(" /")
        found |= {f"{method.strip()} /{path.strip()}": line for method in methods.split(",") if slash}
    return found


def test_every_route_is_described_with_its_permission() -> None:
    rows = rows_of_routes()

    for route in API.routes:
        wanted = "run" if route.permissions == RUN else route.permissions[0]
        assert f"[{wanted}]" in rows.get(f"{route.method} {route.path}", ""), route.name


def test_every_kind_of_event_is_described() -> None:
    told = in_sources(r'(?:Step|Choice)\(\s*(?:[\w.]+,\s*)?"([A-Z_]{6,})"') | in_sources(
        r'event_of\(\s*\w+,\s*"([A-Z_]+)"'
    )

    assert len(told) > 15
    assert told - NAMED == set()


def test_every_code_is_explained() -> None:
    # Given the codes that the API answers with, and those of our own errors that can end up in a record
    answered = in_sources(r'(?:ApiProblem\(\s*\d{3},|conflict\()\s*"([A-Z_]+)"') | {
        "VALIDATION_FAILED",
        "STALE_VERSION",
    }

    own = {
        each.code
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, TowpathError) and each.__module__ == errors.__name__
    } | {each.code for each in (errors.LostRace, errors.StaleToken, errors.WrongState)}

    # Then each is there; a cancel and a lost token are told otherwise
    assert len(answered) > 10
    assert len(own) > 8
    assert (answered | own) - NAMED - {"EXECUTION_CANCELLED"} == set()


def test_every_reason_of_a_refused_intent_is_explained() -> None:
    reasons = in_sources(r'refuse\(\w+, "([A-Z_]+)"') | in_sources(r'reason="([A-Z_]+)"')

    assert len(reasons) > 4
    assert reasons - NAMED == set()


def test_every_record_is_described() -> None:
    kinds = {
        kind
        for name in ("records/execution.py", "records/history.py")
        for kind in re.findall(r'return f?"([A-Z]{4,})', (HANDLERS / name).read_text())
    }

    assert len(kinds) > 10
    assert kinds - {name.split("#")[0] for name in NAMED} == set()


def test_every_metric_is_described() -> None:
    counted = in_sources(r'count\(f?"([A-Z][A-Za-z]+)')

    assert len(counted) > 8
    assert {name for name in counted if not any(each.startswith(name) for each in NAMED)} == set()


def test_every_alarm_is_described() -> None:
    text = (ROOT / "modules" / "drs-orchestration" / "alarms.tf").read_text()
    alarms = set(re.findall(r"^ {4}([a-z][a-z-]+) = \{$", text, re.MULTILINE))
    alarms |= {f"<function>-{name}" for name in re.findall(r'"\$\{key\}-([a-z-]+)" =', text) if "dead" not in name}

    assert len(alarms) > 3
    assert {f"disaster-recovery-{name}" for name in alarms} - ROWS == set()
