"""House rules for envs/<env>/<stack>: thin roots that differ by values, with state and locks of their own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.hcl import Block, parse_module, text_of
from tools.paths import ROOT, stack_folders
from tools.terraform_workspace import LOCK

STACKS = stack_folders()
DEPLOYED = [stack for stack in STACKS if stack.parent.name != "local"]
LONGEST_FILE = 100
# Provider releases have an archive for each of about fifteen platforms; a mirror or one machine knows a single one.
FEWEST_ARCHIVES = 10

# What belongs to the account and its edge, and a local cloud does not have.
NOT_LOCAL = {"api-gateway-account", "audit-trail", "web-distribution"}

each_stack = pytest.mark.parametrize("stack", STACKS, ids=lambda stack: "-".join(stack.parts[-2:]))
each_deployed = pytest.mark.parametrize("stack", DEPLOYED, ids=lambda stack: "-".join(stack.parts[-2:]))


def settings(stack: Path) -> Block:
    """The terraform block of a stack."""
    return next(parse_module(stack).of_type("terraform"))


@each_stack
def test_a_stack_is_thin(stack: Path) -> None:
    """What a stack declares itself, no other environment has."""
    kinds = {block.type for block in parse_module(stack).blocks}
    assert kinds <= {"terraform", "provider", "locals", "module", "variable", "output", "moved", "import"}
    lengths = {path.name: len(path.read_text().splitlines()) for path in stack.glob("*.tf")}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


@pytest.mark.parametrize("system", sorted({stack.name for stack in STACKS}))
def test_environments_call_the_same_modules(system: str) -> None:
    # Given the calls of each environment's stack, without what has no place on a local cloud
    called, deployed = {}, {}
    for stack in (stack for stack in STACKS if stack.name == system):
        calls = [(call.labels[0], text_of(call.attributes["source"])) for call in parse_module(stack).of_type("module")]
        called[stack.parent.name] = sorted(call for call in calls if Path(call[1]).name not in NOT_LOCAL)
        if stack in DEPLOYED:
            deployed[stack.parent.name] = sorted(calls)

    # Then they are the same, and those that are deployed differ in nothing
    assert all(calls == called["local"] for calls in called.values()), called
    assert all(calls == next(iter(deployed.values())) for calls in deployed.values()), deployed


@each_stack
def test_the_provider_is_pinned_and_locked_for_every_platform(stack: Path) -> None:
    providers = next(settings(stack).of_type("required_providers")).attributes
    assert list(providers) == ["aws"]
    assert re.search(r'version\s*=\s*"~> ', providers["aws"])
    assert len(re.findall(r'"zh:[0-9a-f]{64}"', (stack / LOCK).read_text())) >= FEWEST_ARCHIVES


@pytest.mark.parametrize("stack", STACKS[1:], ids=lambda stack: "-".join(stack.parts[-2:]))
def test_all_stacks_lock_the_same_provider(stack: Path) -> None:
    assert (stack / LOCK).read_text() == (STACKS[0] / LOCK).read_text()


@each_deployed
def test_state_is_kept_under_the_stack_s_own_path(stack: Path) -> None:
    (backend,) = settings(stack).of_type("backend")
    assert backend.labels == ("s3",)
    assert text_of(backend.attributes["key"]) == f"{stack.relative_to(ROOT).as_posix()}/terraform.tfstate"
    assert backend.attributes["use_lockfile"] == "true"
    assert backend.attributes["encrypt"] == "true"


@each_deployed
def test_a_stack_applies_to_its_own_account_only(stack: Path) -> None:
    providers = list(parse_module(stack).of_type("provider"))
    assert providers
    for provider in providers:
        assert provider.attributes["allowed_account_ids"]
        assert list(provider.of_type("default_tags"))
