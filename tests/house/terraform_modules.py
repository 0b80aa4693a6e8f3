"""What the tests of house rules look at: the modules' blocks, variables and test runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.hcl import Block, parse_file, parse_module, text_of
from tools.paths import module_folders

MODULES = module_folders()
REFUSED_VARIABLE = re.compile(r"\bvar\.([a-z0-9_]+)")


@dataclass(frozen=True)
class Variable:
    """A variable of a module; description and type with their white space made even."""

    module: str
    name: str
    block: Block

    @property
    def description(self) -> str:
        return " ".join(text_of(self.block.attributes.get("description", "")).split())

    @property
    def type(self) -> str:
        return " ".join(self.block.attributes.get("type", "").split())


def variables(module: Path) -> list[Variable]:
    """The variables of a module in the order of its files."""
    return [Variable(module.name, block.labels[0], block) for block in parse_module(module).of_type("variable")]


def refusals(module: Path) -> list[str]:
    """Variable names in `expect_failures` of the module's test runs, once for each run that names them."""
    found: list[str] = []
    for path in sorted((module / "tests").glob("*.tftest.hcl")):
        for run in parse_file(path).of_type("run"):
            found += set(REFUSED_VARIABLE.findall(run.attributes.get("expect_failures", "")))
    return found


def all_blocks(block: Block) -> Iterator[Block]:
    """A block's blocks and theirs, all the way down."""
    for inner in block.blocks:
        yield inner
        yield from all_blocks(inner)
