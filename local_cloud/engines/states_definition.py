"""Checking definitions: what CreateStateMachine refuses and ValidateStateMachineDefinition reports.

Codes and locations as documented for ValidateStateMachineDefinition. AWS checks more than this (resources, paths);
what is checked here is what breaks machines in practice.
"""

from __future__ import annotations

import json
from typing import Any

from local_cloud.engines import states_fields, states_jsonata
from local_cloud.engines.states_model import State

_LONGEST_NAME = 80
_LARGEST_DEFINITION = 1024 * 1024
_SCHEMA = "SCHEMA_VALIDATION_FAILED"
_TARGET = "MISSING_TRANSITION_TARGET"
Diagnostic = dict[str, str]


def diagnose(text: str, express: bool) -> list[Diagnostic]:
    """Everything that is wrong with a definition; empty when nothing is."""
    if len(text.encode()) > _LARGEST_DEFINITION:
        return [_diagnostic(_SCHEMA, "Definition is longer than 1 MB", "/")]
    try:
        machine = json.loads(text)
    except ValueError as error:
        return [_diagnostic("INVALID_JSON_DESCRIPTION", str(error), "/")]
    if not isinstance(machine, dict):
        return [_diagnostic("INVALID_JSON_DESCRIPTION", "The definition is not a JSON object", "/")]
    checker = _Checker(express)
    checker.machine(machine, "", machine.get("QueryLanguage", "JSONPath"))
    checker.expressions(machine, "")
    return checker.found


def message(found: list[Diagnostic]) -> str:
    """The text of the InvalidDefinition error."""
    parts = [f"{one['code']}: {one['message']} at {one['location']}" for one in found]
    return f"Invalid State Machine Definition: '{', '.join(parts)}'"


def _diagnostic(code: str, text: str, location: str) -> Diagnostic:
    return {"severity": "ERROR", "code": code, "message": text, "location": location}


class _Checker:
    def __init__(self, express: bool) -> None:
        self._express = express
        self._names: set[str] = set()
        self.found: list[Diagnostic] = []

    def _report(self, code: str, text: str, location: str) -> None:
        self.found.append(_diagnostic(code, text, location))

    def machine(self, machine: dict[str, Any], at: str, language: str) -> None:
        """Checks a machine, a branch or an item processor."""
        states = machine.get("States")
        if not isinstance(states, dict) or not states:
            self._report(_SCHEMA, "The field 'States' is required and has to have a state", f"{at}/States")
            return
        for name in sorted(set(machine) - states_fields.MACHINE):
            self._report(_SCHEMA, f"Field '{name}' is not supported", f"{at}/{name}")
        if machine.get("StartAt") not in states:
            self._report(_TARGET, f"Missing 'StartAt' target: {machine.get('StartAt')}", f"{at}/StartAt")
        for name, state in states.items():
            self._state(name, state, f"{at}/States/{name}", language)
            self._targets(state, states, f"{at}/States/{name}")
        for name in sorted(set(states) - _reachable(machine)):
            self._report(_TARGET, f'State "{name}" is not reachable.', f"{at}/States/{name}")

    def _state(self, name: str, state: State, at: str, inherited: str) -> None:
        if name in self._names:
            self._report("DUPLICATE_STATE_NAME", f"Duplicate state name: {name}", at)
        self._names.add(name)
        if len(name) > _LONGEST_NAME:
            self._report(_SCHEMA, f"State name is longer than {_LONGEST_NAME} characters", at)
        kind = state.get("Type")
        if kind not in states_fields.TYPES:
            self._report(_SCHEMA, f"Value {kind!r} is not a state type", f"{at}/Type")
            return
        language = state.get("QueryLanguage", inherited)
        for field in sorted(set(state) - states_fields.allowed(kind, language)):
            text = f"Field '{field}' is not supported by a {kind} state in query language {language}"
            self._report(_SCHEMA, text, f"{at}/{field}")
        if kind not in states_fields.TERMINAL and ("Next" in state) == bool(state.get("End")):
            self._report(_SCHEMA, "Exactly one of 'Next' and 'End' is required", at)
        self._required(kind, state, at, language)
        self._handlers(state, at)

    def _required(self, kind: str, state: State, at: str, language: str) -> None:
        if kind == "Task":
            self._task(state, at)
        if kind == "Choice":
            self._choices(state, at, language)
        if kind == "Wait" and len(set(state) & {"Seconds", "Timestamp", "SecondsPath", "TimestampPath"}) != 1:
            self._report(_SCHEMA, "Exactly one of 'Seconds' and 'Timestamp' is required", at)
        if kind == "Parallel":
            for index, branch in enumerate(state.get("Branches", [])):
                self.machine(branch, f"{at}/Branches[{index}]", language)
        if kind == "Map":
            self._map(state, at, language)

    def _task(self, state: State, at: str) -> None:
        resource = str(state.get("Resource", ""))
        if not resource.startswith("arn:"):
            self._report(_SCHEMA, "Value is not a valid resource ARN", f"{at}/Resource")
        waits = ".sync" in resource or resource.endswith(".waitForTaskToken") or ":activity:" in resource
        if self._express and waits:
            text = f"Express state machine does not support the service integration pattern of '{resource}'"
            self._report(_SCHEMA, text, f"{at}/Resource")
        timeout, heartbeat = state.get("TimeoutSeconds"), state.get("HeartbeatSeconds")
        for name, value in (("TimeoutSeconds", timeout), ("HeartbeatSeconds", heartbeat)):
            if isinstance(value, int | float) and value <= 0:
                self._report(_SCHEMA, "Value has to be greater than 0", f"{at}/{name}")
        if isinstance(timeout, int) and isinstance(heartbeat, int) and heartbeat >= timeout:
            self._report(_SCHEMA, "'HeartbeatSeconds' has to be smaller than 'TimeoutSeconds'", at)

    def _choices(self, state: State, at: str, language: str) -> None:
        if not state.get("Choices"):
            self._report(_SCHEMA, "The field 'Choices' is required", f"{at}/Choices")
        for index, rule in enumerate(state.get("Choices", [])):
            if (language == "JSONata") != ("Condition" in rule):
                text = "a 'Condition'" if language == "JSONata" else "no 'Condition'"
                self._report(_SCHEMA, f"A rule in query language {language} has {text}", f"{at}/Choices[{index}]")

    def _map(self, state: State, at: str, language: str) -> None:
        name = "ItemProcessor" if "ItemProcessor" in state else "Iterator"
        processor = state.get(name)
        if not isinstance(processor, dict):
            self._report(_SCHEMA, "The field 'ItemProcessor' is required", at)
            return
        if self._express and (processor.get("ProcessorConfig") or {}).get("Mode") == "DISTRIBUTED":
            self._report(_SCHEMA, "Express state machine does not support a DISTRIBUTED Map", f"{at}/{name}")
        self.machine(processor, f"{at}/{name}", language)

    def _handlers(self, state: State, at: str) -> None:
        for field in ("Retry", "Catch"):
            rules = state.get(field, [])
            for index, rule in enumerate(rules):
                here, names = f"{at}/{field}[{index}]", rule.get("ErrorEquals")
                if not names:
                    self._report(_SCHEMA, "The field 'ErrorEquals' is required", here)
                elif "States.ALL" in names and (len(names) > 1 or index < len(rules) - 1):
                    self._report(_SCHEMA, "'States.ALL' has to stand alone and in the last rule", here)
                for problem in _retrier_problems(rule):
                    self._report(_SCHEMA, problem, here)

    def _targets(self, state: State, states: dict[str, Any], at: str) -> None:
        for place, target in _transitions(state):
            if target not in states:
                self._report(_TARGET, f"Missing '{place.rsplit('/', 1)[-1]}' target: {target}", f"{at}/{place}")

    def expressions(self, value: Any, at: str) -> None:
        """Checks that every `{% … %}` can be parsed."""
        if isinstance(value, dict):
            for name, entry in value.items():
                self.expressions(entry, f"{at}/{name}")
        elif isinstance(value, list):
            for index, entry in enumerate(value):
                self.expressions(entry, f"{at}[{index}]")
        elif isinstance(value, str) and value.startswith("{%"):
            text = states_jsonata.expression(value)
            if text is None:
                self._report(_SCHEMA, "A JSONata expression has to end with '%}'", at)
                return
            try:
                states_jsonata.parse(text)
            except Exception as error:
                self._report("INVALID_JSONATA_EXPRESSION", str(error), at)


def _retrier_problems(rule: dict[str, Any]) -> list[str]:
    interval, attempts = rule.get("IntervalSeconds", 1), rule.get("MaxAttempts", 3)
    problems = {
        "'IntervalSeconds' has to be a positive integer": not isinstance(interval, int) or interval < 1,
        "'MaxAttempts' has to be an integer of at least 0": not isinstance(attempts, int) or attempts < 0,
        "'BackoffRate' has to be at least 1.0": rule.get("BackoffRate", 2.0) < 1,
        "'MaxDelaySeconds' has to be greater than 'IntervalSeconds'": rule.get("MaxDelaySeconds", 10**9) <= interval,
        "'JitterStrategy' is FULL or NONE": rule.get("JitterStrategy", "NONE") not in ("FULL", "NONE"),
    }
    return [problem for problem, wrong in problems.items() if wrong]


def _transitions(state: State) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = [(name, state[name]) for name in ("Next", "Default") if name in state]
    for field in ("Choices", "Catch"):
        found += [(f"{field}[{i}]/Next", rule.get("Next")) for i, rule in enumerate(state.get(field, []))]
    return found


def _reachable(machine: dict[str, Any]) -> set[str]:
    states, todo = machine["States"], [str(machine.get("StartAt"))]
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        if name in states and name not in seen:
            seen.add(name)
            todo += [target for _, target in _transitions(states[name])]
    return seen
