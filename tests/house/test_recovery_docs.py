"""docs/disaster-recovery.md tells what an operator meets: states, statuses, fields, routes, codes, metrics, alarms."""

from __future__ import annotations

import re

from disaster_recovery import errors
from disaster_recovery.api.routes import API
from disaster_recovery.api.terms import RUN
from disaster_recovery.records import statuses
from tests.house.described import (
    SOURCES,
    Page,
    System,
    alarms_of,
    errors_of,
    fields_of,
    states_of,
    undescribed_routes,
    wrong_statuses,
)

PAGE = Page("disaster-recovery.md")
SYSTEM = System("disaster_recovery")


def test_every_state_is_described() -> None:
    states = states_of("drs_recovery")

    assert len(states) > 20
    assert states - PAGE.rows == set()


def test_every_status_is_described() -> None:
    words = {str(each) for kind in (statuses.ExecutionStatus, statuses.WaveStatus) for each in kind}

    assert words - PAGE.rows == set()
    assert {
        str(each) for each in (*statuses.LaunchStatus, *statuses.IntentState, *statuses.ActionState)
    } - PAGE.named == set()


def test_every_field_of_a_plan_is_described() -> None:
    wanted = fields_of("recovery-plan")

    assert len(wanted) > 30
    assert wanted - PAGE.parts == set()


def test_every_route_is_described_with_its_permission() -> None:
    assert undescribed_routes(PAGE, API, {RUN: "run"}) == []


def test_every_kind_of_event_is_described() -> None:
    told = SYSTEM.found(r'(?:Step|Choice)\(\s*(?:[\w.]+,\s*)?"([A-Z_]{6,})"') | SYSTEM.found(
        r'event_of\(\s*\w+,\s*"([A-Z_]+)"'
    )

    assert len(told) > 15
    assert told - PAGE.named == set()


def test_every_code_is_explained() -> None:
    # Given the codes that the API answers with, and those of our own errors that can end up in a record
    answered = SYSTEM.answered_codes() | {"STALE_VERSION"}
    own = errors_of(errors)

    # Then each is there; a cancel and a lost token are told otherwise
    assert len(answered) > 10
    assert len(own) > 8
    assert (answered | own) - PAGE.named - {"EXECUTION_CANCELLED"} == set()


def test_codes_have_the_status_that_they_are_answered_with() -> None:
    assert wrong_statuses(PAGE, SYSTEM) == {}


def test_every_reason_of_a_refused_intent_is_explained() -> None:
    reasons = SYSTEM.found(r'refuse\(\w+, "([A-Z_]+)"') | SYSTEM.found(r'reason="([A-Z_]+)"')

    assert len(reasons) > 4
    assert reasons - PAGE.named == set()


def test_every_record_is_described() -> None:
    kinds = {
        kind
        for name in ("execution.py", "history.py")
        for kind in re.findall(r'return f?"([A-Z]{4,})', (SOURCES / "disaster_recovery" / "records" / name).read_text())
    }

    assert len(kinds) > 10
    assert kinds - {name.split("#")[0] for name in PAGE.named} == set()


def test_every_metric_is_described() -> None:
    counted = SYSTEM.counted()

    assert len(counted) > 8
    assert {name for name in counted if not any(each.startswith(name) for each in PAGE.named)} == set()


def test_every_alarm_is_described() -> None:
    alarms = alarms_of("drs-orchestration", "disaster-recovery")

    assert len(alarms) > 3
    assert alarms - PAGE.rows == set()
