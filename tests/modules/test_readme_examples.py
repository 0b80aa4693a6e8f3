"""The HCL examples in modules' READMEs are configurations that plan, with every AWS answer mocked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.paths import ROOT, module_folders
from tools.terraform_workspace import DATA, WORK, attempt, initialise, seed_lock, write_if_changed

EXAMPLE = re.compile(r"^```hcl\n(.*?)^```$", re.MULTILINE | re.DOTALL)
GENERATED = "<!-- BEGIN_TF_DOCS -->"
# However an example names a module of this repository, the one in the checkout is meant.
SOURCE = re.compile(r'(source\s*=\s*)"[^"\n]*?([a-z0-9-]+)(\?ref=[^"]*)?"')
# Files that an example reads as a stack of envs/ would (asl/ above all) are those of the checkout.
STACK_TO_ROOT = "${path.module}/../../.."

PROVIDER = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n'
PLAN = 'mock_provider "aws" {}\n\nrun "example_plans" {\n  command = plan\n}\n'


def examples() -> list[tuple[str, str]]:
    """(name, text) of each example; the generated part of a README holds types, not examples."""
    found = []
    for folder in module_folders():
        readme = folder / "README.md"
        written = readme.read_text().split(GENERATED)[0] if readme.exists() else ""
        texts = EXAMPLE.findall(written)
        found += [(f"{folder.name}-{number}", text) for number, text in enumerate(texts, start=1)]
    return found


EXAMPLES = examples()


@pytest.mark.parametrize(("name", "text"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_example_plans(modules_copy: Path, name: str, text: str) -> None:
    # Given the example as a configuration that calls the modules of the checkout
    folder = WORK / "examples" / name
    called = SOURCE.sub(rf'\1"../../{modules_copy.name}/\2"', text).replace(STACK_TO_ROOT, ROOT.as_posix())
    write_if_changed(folder / "main.tf", called.encode())
    write_if_changed(folder / "provider.tf", PROVIDER.encode())
    write_if_changed(folder / "tests/example.tftest.hcl", PLAN.encode())
    seed_lock(folder)
    initialise(folder, DATA / "examples" / name)

    # When it is planned
    planned = attempt(["test", "-no-color"], folder, DATA / "examples" / name)

    # Then there is a plan, and inputs passed the modules' validations
    assert planned.returncode == 0, planned.stdout + planned.stderr


@pytest.mark.parametrize("folder", module_folders(), ids=lambda folder: folder.name)
def test_module_has_an_example(folder: Path) -> None:
    """Readers copy the example first; a module without one is not documented."""
    assert any(name.rpartition("-")[0] == folder.name for name, _ in EXAMPLES)
