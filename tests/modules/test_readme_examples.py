"""The HCL examples in modules' READMEs are configurations that plan."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.paths import module_folders
from tools.readme_examples import SOURCE, examples


@pytest.mark.parametrize("example", examples())
def test_example_plans(plan_of: Callable[[str], subprocess.CompletedProcess[str]], example: str) -> None:
    # When the example is planned with the modules of the checkout
    planned = plan_of(example)

    # Then there is a plan, and its inputs passed the modules' validations
    assert planned.returncode == 0, planned.stdout + planned.stderr


@pytest.mark.parametrize("folder", module_folders(), ids=lambda folder: folder.name)
def test_module_has_an_example(folder: Path) -> None:
    """Readers copy the example first; a module without one is not documented."""
    assert [name for name in examples() if name.rpartition("-")[0] == folder.name]


@pytest.mark.parametrize(
    "source",
    ["../../modules/s3-bucket", "git::https://git.example.com/towpath.git//modules/s3-bucket?ref=v1.2.0"],
)
def test_examples_call_the_module_of_the_checkout(source: str) -> None:
    assert SOURCE.sub(r"\1<\2>", f'source = "{source}"') == "source = <s3-bucket>"
