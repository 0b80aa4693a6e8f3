"""What the policies of file transfer's modules name, as far as a reader of their files can tell."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.terraform_modules import MODULES

TRANSFER = [module for module in MODULES if module.name.startswith("file-transfer")]
RESOURCES = re.compile(r"\bResource\s*=")
ANYTHING = re.compile(r'"\*"')
EVERY_ACTION = re.compile(r'"[a-z0-9-]+:\*"')

each_module = pytest.mark.parametrize("module", TRANSFER, ids=lambda module: module.name)


def text_of_module(module: Path) -> str:
    """The module's own files; what a part that it calls may need is the part's."""
    return "\n".join(path.read_text() for path in sorted(module.glob("*.tf")))


@each_module
def test_policies_name_what_they_are_about(module: Path) -> None:
    """No statement has "*" as its resource, nor anything else of the module means everything."""
    text = text_of_module(module)
    assert RESOURCES.search(text)
    assert ANYTHING.findall(text) == []


@each_module
def test_policies_name_each_action(module: Path) -> None:
    assert EVERY_ACTION.findall(text_of_module(module)) == []
