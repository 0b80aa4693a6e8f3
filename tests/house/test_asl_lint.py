"""The rules of tools/asl_lint.py, one broken definition each, and the definitions of the project."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools.asl_lint import file_problems, problems
from tools.paths import ASL

State = dict[str, Any]


def task(**changes: Any) -> State:
    """A Task that no rule objects to."""
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Done"}]
    retry = [{"ErrorEquals": ["Transient"], "MaxAttempts": 2}]
    whole = {"Type": "Task", "Resource": "${arn}", "TimeoutSeconds": 5, "Retry": retry, "Catch": catch, "Next": "Done"}
    return whole | changes


def machine(first: State, **others: State) -> State:
    """A machine that begins with a state named First and has one named Done."""
    states = {"First": first, **others, "Done": {"Type": "Succeed"}}
    return {"QueryLanguage": "JSONata", "StartAt": "First", "States": states}


def found(definition: State) -> list[str]:
    """Problems of a definition."""
    return problems(json.dumps(definition))


def without(state: State, field: str) -> State:
    """A state that lacks a field."""
    return {name: value for name, value in state.items() if name != field}


def test_a_definition_in_order_has_no_problems() -> None:
    assert found(machine(task())) == []


@pytest.mark.parametrize("field", ["TimeoutSeconds", "Retry", "Catch"])
def test_a_task_has_a_limit_and_ways_out_of_failure(field: str) -> None:
    assert found(machine(without(task(), field))) == [f"First: a Task needs {field}"]


def test_tasks_inside_of_a_map_follow_the_same_rules() -> None:
    inner = machine(without(task(), "Retry"))
    inner["States"]["Inner"] = inner["States"].pop("First")
    inner["StartAt"] = "Inner"
    outer = {"Type": "Map", "ItemProcessor": inner, "Next": "Over"}
    states = {"Outer": outer, "Over": {"Type": "Succeed"}}
    assert found({"QueryLanguage": "JSONata", "StartAt": "Outer", "States": states}) == ["Inner: a Task needs Retry"]


@pytest.mark.parametrize(
    "redirect",
    [
        lambda state: state | {"Next": "Nowhere"},
        lambda state: state | {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Nowhere"}]},
    ],
    ids=["Next", "Catch"],
)
def test_transitions_lead_somewhere(redirect: Callable[[State], State]) -> None:
    assert "First: leads to 'Nowhere', which does not exist" in found(machine(redirect(task())))


def test_a_choice_has_a_default_and_real_targets() -> None:
    choice = {"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "Nowhere"}]}
    assert found(machine(choice, Done2={"Type": "Pass", "Next": "Done"})) == [
        "Done2: cannot be reached",
        "Done: cannot be reached",
        "First: leads to 'Nowhere', which does not exist",
        "First: a Choice without Default fails on what nobody thought of",
    ]


def test_the_start_exists() -> None:
    assert found(machine(task()) | {"StartAt": "Elsewhere"}) == [
        "machine: StartAt names 'Elsewhere', which is no state of it"
    ]


@pytest.mark.parametrize("state", [{"Type": "Pass"}, {"Type": "Pass", "Next": "Done", "End": True}])
def test_a_state_goes_on_or_ends(state: State) -> None:
    assert "First: needs either Next or End" in found(machine(state))


def test_state_names_are_unique_in_the_whole_machine() -> None:
    inner = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
    outer = machine({"Type": "Map", "ItemProcessor": inner, "Next": "Done"})
    assert found(outer) == ["Done: another state has the same name"]


def test_catching_everything_comes_alone_and_last() -> None:
    rules = [{"ErrorEquals": ["States.ALL"], "Next": "Done"}, {"ErrorEquals": ["Transient"], "Next": "Done"}]
    assert found(machine(task(Catch=rules))) == ["First: Catch: States.ALL must be alone and last"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"QueryLanguage": "JSONPath"}, "First: QueryLanguage must be JSONata"),
        ({"ResultPath": "$.x"}, "First: ResultPath is JSONPath"),
    ],
)
def test_states_speak_jsonata(change: State, problem: str) -> None:
    assert found(machine(task(**change))) == [problem]


def test_the_machine_speaks_jsonata() -> None:
    assert found(without(machine(task()), "QueryLanguage")) == ["QueryLanguage must be JSONata"]


@pytest.mark.parametrize("value", ["{%{'a': 1}%}", "%{ if x }"])
def test_nothing_opens_a_terraform_directive(value: str) -> None:
    assert found(machine(task(Output=value)))[0].startswith('"%{" opens a Terraform directive')


@pytest.mark.parametrize("name", ["camelCase", "a.b", "1st", "f(x)", ""])
def test_placeholders_are_snake_case(name: str) -> None:
    assert found(machine(task(Resource=f"${{{name}}}"))) == [
        f"placeholder ${{{name}}} must be snake_case, without an expression"
    ]


def test_a_placeholder_outside_of_a_string_is_not_json() -> None:
    text = json.dumps(machine(task())).replace('"TimeoutSeconds": 5', '"TimeoutSeconds": ${limit}')
    assert problems(text)[0].startswith("not valid JSON")


def test_a_key_given_twice_is_not_accepted() -> None:
    assert problems('{"StartAt": "A", "StartAt": "B"}') == ["not valid JSON: 'StartAt' occurs twice in one object"]


@pytest.mark.parametrize("path", sorted(ASL.glob("*")), ids=lambda path: path.name)
def test_definitions_of_the_project_are_in_order(path: Path) -> None:
    assert file_problems(path) == []


def test_only_definitions_belong_into_the_folder(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    assert file_problems(tmp_path / "notes.txt") == ["only <machine>.asl.json belongs here"]
