"""House rules for modules/, as far as a reader of their files can tell."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

from tests.house.terraform_modules import MODULES, all_blocks, refusals, variables
from tools.atlantis import files_read
from tools.hcl import parse_module

LONGEST_FILE = 250
MOST_VARIABLES = 20
VERSIONS = ">= 5.100, < 7.0"
FORBIDDEN_BLOCKS = {"provider", "backend", "cloud", "provisioner"}
FORBIDDEN_TYPES = {"aws_iam_policy_attachment", "aws_iam_policy_document", "terraform_remote_state", "external"}

# What a system hands to its add-ons: each declares the part that it uses.
IN_PART = {"file_transfer"}

each_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)


@pytest.mark.parametrize("aspect", ["type", "description"])
def test_one_variable_name_means_one_thing_everywhere(aspect: str) -> None:
    # Given the variables of all modules by name
    told: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for module in MODULES:
        for variable in variables(module):
            told[variable.name][getattr(variable, aspect)].append(module.name)

    # Then no name has two types or two descriptions
    parts = IN_PART if aspect == "type" else set()
    assert {name: dict(ways) for name, ways in told.items() if len(ways) > 1 and name not in parts} == {}


@each_module
def test_variables_are_described_precisely(module: Path) -> None:
    for variable in variables(module):
        assert variable.description, f"{variable.name} has no description"
        assert variable.type, f"{variable.name} has no type"
        assert not re.search(r"\bany\b", variable.type), f"{variable.name} is of type any"


@each_module
def test_collections_are_never_null(module: Path) -> None:
    """A null map breaks for_each, where an empty one makes nothing."""
    for variable in variables(module):
        if re.match(r"(map|list|set)\(", variable.type):
            assert variable.block.attributes.get("nullable") == "false", variable.name


@each_module
def test_a_module_has_few_variables_and_no_switches(module: Path) -> None:
    names = [variable.name for variable in variables(module)]
    assert len(names) <= MOST_VARIABLES
    assert [name for name in names if name.startswith("create")] == []


@each_module
def test_outputs_are_described(module: Path) -> None:
    undescribed = [
        block.labels for block in parse_module(module).of_type("output") if "description" not in block.attributes
    ]
    assert undescribed == []


@each_module
def test_every_validation_has_a_run_that_it_refuses(module: Path) -> None:
    # Given how many validations each variable has, and how many runs expect it to refuse
    validations = {variable.name: len(list(variable.block.of_type("validation"))) for variable in variables(module)}
    refused = refusals(module)

    # Then there are as many runs as validations, at least
    missing = {name: number - refused.count(name) for name, number in validations.items()}
    assert {name: number for name, number in missing.items() if number > 0} == {}


@each_module
def test_validations_name_the_variable_they_refuse(module: Path) -> None:
    for variable in variables(module):
        for validation in variable.block.of_type("validation"):
            assert variable.name in validation.attributes["error_message"]


@each_module
def test_files_are_short(module: Path) -> None:
    lengths = {path.name: len(path.read_text().splitlines()) for path in module.glob("*.tf")}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


@each_module
def test_modules_leave_to_the_stack_what_is_the_stack_s(module: Path) -> None:
    """Providers and state are the stack's; policies are jsonencode, so that a test with mocks can read them."""
    blocks = list(all_blocks(parse_module(module)))
    assert [block.type for block in blocks if block.type in FORBIDDEN_BLOCKS] == []
    assert [block.labels for block in blocks if FORBIDDEN_TYPES.intersection(block.labels[:1])] == []


@each_module
def test_module_calls_have_no_depends_on(module: Path) -> None:
    """It would postpone every data source of the called module to the apply."""
    calls = parse_module(module).of_type("module")
    assert [call.labels for call in calls if "depends_on" in call.attributes] == []


@each_module
def test_modules_read_files_of_their_own_alone(module: Path) -> None:
    """Otherwise git::…//modules/x?ref= does not work from another repository."""
    assert [path for path in files_read(module) if not path.is_relative_to(module)] == []
    assert "path.root" not in "".join(path.read_text() for path in module.glob("*.tf"))


@each_module
def test_input_templates_are_not_jsonencoded(module: Path) -> None:
    """jsonencode writes <x> as \\u003cx\\u003e, which EventBridge does not fill in."""
    templates = [block.attributes.get("input_template", "") for block in all_blocks(parse_module(module))]
    assert [template for template in templates if "jsonencode" in template] == []


@each_module
def test_modules_admit_the_same_provider_versions(module: Path) -> None:
    settings = next(parse_module(module).of_type("terraform"))
    providers = next(settings.of_type("required_providers")).attributes
    assert list(providers) == ["aws"]
    assert f'"{VERSIONS}"' in providers["aws"]


@each_module
def test_modules_have_no_lock_file(module: Path) -> None:
    """The stack that calls a module locks; a lock below modules/ would be read by nobody and age."""
    assert list(module.rglob(".terraform.lock.hcl")) == []
