"""What a state machine definition leaves open is what its module fills in and what its handlers raise."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tools.asl_lint import PLACEHOLDER, scopes
from tools.hcl import parse_module
from tools.paths import ASL, MODULES, ROOT

DEFINITIONS = sorted(ASL.glob("*.asl.json"))
RENDERED = "templatestring(var.definition_template, {"
# Errors of the States Language, of the Lambda integration and of the services that a Task calls.
FOREIGN_ERROR = re.compile(r"(States|Lambda|DynamoDB|Sqs|Sns|S3|StepFunctions)\.\w+")

# Modules are named after the system, machines after what they run; most are the same.
SYSTEM_OF = {"drs_recovery": "drs-orchestration", "large_file_copy": "file-transfer-large-files"}

each_definition = pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.name)


def filled_in(module: Path) -> set[str]:
    """Names of the values that a module renders its definition with."""
    expressions = [value for block in parse_module(module).of_type("locals") for value in block.attributes.values()]
    (rendering,) = [expression for expression in expressions if expression.startswith(RENDERED)]
    return set(re.findall(r"^\s*([a-z0-9_]+)\s*=[^=]", rendering, re.MULTILINE))


def caught(definition: dict[str, Any]) -> set[str]:
    """Error names in every Retry and Catch of a definition."""
    states = [state for scope in scopes(definition) for state in scope["States"].values()]
    rules = [rule for state in states for rule in [*state.get("Retry", []), *state.get("Catch", [])]]
    return {name for rule in rules for name in rule["ErrorEquals"]}


def exception_classes() -> set[str]:
    """Names of all classes in lambda_src that derive from something."""
    trees = [ast.parse(path.read_text()) for path in (ROOT / "lambda_src").rglob("*.py")]
    return {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.bases}


@each_definition
def test_a_module_fills_in_every_placeholder_and_nothing_else(path: Path) -> None:
    # Given the placeholders of asl/<machine>.asl.json and the system's module
    placeholders = set(PLACEHOLDER.findall(path.read_text()))
    machine = path.name.removesuffix(".asl.json")
    module = MODULES / SYSTEM_OF.get(machine, machine.replace("_", "-"))

    # Then one is rendered with exactly the other's values
    assert placeholders
    assert filled_in(module) == placeholders


@each_definition
def test_caught_errors_are_ones_that_can_be_raised(path: Path) -> None:
    """The state machine knows an exception by its class name; a renamed class would not be retried any more."""
    own = {name for name in caught(json.loads(path.read_text())) if not FOREIGN_ERROR.fullmatch(name)}
    assert own - exception_classes() == set()
