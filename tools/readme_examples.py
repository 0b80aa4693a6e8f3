"""The HCL examples in modules' READMEs, as configurations that call the modules of the checkout."""

from __future__ import annotations

import re
import subprocess

from tools.module_docs import BEGIN
from tools.paths import module_folders
from tools.terraform_workspace import DATA, WORK, attempt, initialise, seed_lock, write_if_changed

EXAMPLE = re.compile(r"^```hcl\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# However an example names a module of this repository, the one in the checkout is meant.
SOURCE = re.compile(r'(source\s*=\s*)"[^"\n]*?([a-z0-9-]+)(\?ref=[^"]*)?"')

PROVIDER = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n'
PLAN = 'mock_provider "aws" {}\n\nrun "example_plans" {\n  command = plan\n}\n'


def examples() -> dict[str, str]:
    """<module>-<number> => text of each example; the generated part of a README holds types, not examples."""
    found = {}
    for folder in module_folders():
        readme = folder / "README.md"
        written = readme.read_text().split(BEGIN)[0] if readme.exists() else ""
        for number, text in enumerate(EXAMPLE.findall(written), start=1):
            found[f"{folder.name}-{number}"] = text
    return found


def plan_example(name: str, text: str) -> subprocess.CompletedProcess[str]:
    """Plan an example against the copy of modules/, with every answer of AWS mocked.

    It is put where a stack of this repository would be, so that it may read asl/ as one does.
    Raises TerraformError where it cannot even be initialised.
    """
    folder, data = WORK / "envs/examples" / name, DATA / "examples" / name
    called = SOURCE.sub(r'\1"../../../modules/\2"', text)
    write_if_changed(folder / "main.tf", called.encode())
    write_if_changed(folder / "provider.tf", PROVIDER.encode())
    write_if_changed(folder / "tests/example.tftest.hcl", PLAN.encode())
    seed_lock(folder)
    initialise(folder, data)
    return attempt(["test", "-no-color"], folder, data)
