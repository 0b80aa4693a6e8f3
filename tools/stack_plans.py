"""Plans of the deployed stacks with every answer of AWS mocked: what a thin root passes on, its modules accept."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from tools.hcl import parse_module
from tools.paths import ROOT, STACKS, stack_folders
from tools.publish import optional_layers
from tools.terraform_workspace import DATA, LOCK, WORK, attempt, initialise, write_if_changed

# A backend cannot be mocked, and a plan in a test keeps no state.
BACKEND = re.compile(r'^  backend "s3" \{\n.*?^  \}\n', re.MULTILINE | re.DOTALL)
WORKFLOWS = STACKS / "workflows"
# What make publish would have written.
ARTIFACT = {"s3_bucket": "example-artefacts", "s3_key": "packages/example.zip", "source_code_hash": "ZXhhbXBsZQ=="}


def deployed_stacks() -> dict[str, Path]:
    """<environment>-<system> => folder of each stack that is deployed to AWS."""
    folders = [folder for folder in stack_folders() if folder.parent.name != "local"]
    return {"-".join(folder.parts[-2:]): folder for folder in folders}


def plan_stack(name: str) -> subprocess.CompletedProcess[str]:
    """Plan a stack with its terraform.tfvars.example against the copy of modules/.

    Raises TerraformError where it cannot even be initialised.
    """
    source = deployed_stacks()[name]
    folder, data = WORK / source.relative_to(ROOT), DATA / "stacks" / name
    files = {path.name: BACKEND.sub("", path.read_text()) for path in source.glob("*.tf")}
    files |= {LOCK: (source / LOCK).read_text(), "tests/stack.tftest.hcl": mocked_plan_of(source)}
    files["terraform.tfvars"] = (source / "terraform.tfvars.example").read_text()
    files["artifacts.auto.tfvars.json"] = json.dumps(
        dict.fromkeys(["package", "layer", *optional_layers(source)], ARTIFACT)
    )
    for stale in (path for path in folder.glob("*.tf") if path.name not in files):
        stale.unlink()
    for file, text in files.items():
        write_if_changed(folder / file, text.encode())
    for path in WORKFLOWS.rglob("*.json"):
        write_if_changed(WORK / path.relative_to(ROOT), path.read_bytes())
    initialise(folder, data)
    return attempt(["test", "-no-color"], folder, data)


def mocked_plan_of(stack: Path) -> str:
    """A test that plans the stack with a mock for each of its providers."""
    aliases = [provider.attributes.get("alias") for provider in parse_module(stack).of_type("provider")]
    mocks = [f'mock_provider "aws" {{\n{f"  alias = {alias}" if alias else ""}\n}}\n' for alias in aliases]
    return "\n".join([*mocks, 'run "stack_plans" {\n  command = plan\n}\n'])
