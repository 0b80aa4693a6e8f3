"""Run a module's *.tftest.hcl files and say how each `run` block went."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.hcl import parse_file
from tools.terraform_workspace import DATA, attempt, initialise, seed_lock

PASSED = "pass"


@dataclass
class ModuleReport:
    """Status of each run (pass, fail, error, skip) by (test file name, run name), and what Terraform complained of."""

    statuses: dict[tuple[str, str], str] = field(default_factory=dict)
    complaints: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def explanation(self, file: str, run: str) -> str:
        """Complaints about one run; where there are none, those about the module as a whole."""
        found = self.complaints.get((file, run)) or [text for texts in self.complaints.values() for text in texts]
        return "\n".join(found) or "Terraform did not say why"


def declared_runs(module: Path) -> list[tuple[str, str]]:
    """(test file name, run name) of every run block in a module's tests folder, in file order."""
    files = sorted((module / "tests").glob("*.tftest.hcl"))
    return [(path.name, block.labels[0]) for path in files for block in parse_file(path).of_type("run")]


def run_module_tests(module: Path) -> ModuleReport:
    """Initialise a module of the workspace and run its tests. Raises TerraformError where it cannot be initialised."""
    data = DATA / "test" / module.name
    seed_lock(module)
    initialise(module, data)
    done = attempt(["test", "-json"], module, data)
    report = read_report(done.stdout)
    if done.stderr:
        report.complaints.setdefault(("", ""), []).append(done.stderr)
    return report


def read_report(output: str) -> ModuleReport:
    """Read what `terraform test -json` prints: one event a line."""
    report = ModuleReport()
    for event in _events(output):
        run = event.get("test_run")
        if run and run.get("progress", "complete") == "complete":
            report.statuses[Path(run["path"]).name, run["run"]] = run["status"]
        if event.get("@level") == "error" or event.get("type") == "diagnostic":
            key = Path(event.get("@testfile", "")).name, event.get("@testrun", "")
            report.complaints.setdefault(key, []).append(_complaint(event))
    return report


def _events(output: str) -> Iterator[dict[str, Any]]:
    for line in output.splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def _complaint(event: dict[str, Any]) -> str:
    diagnostic = event.get("diagnostic")
    if not isinstance(diagnostic, dict):
        return str(event.get("@message", ""))
    place = diagnostic.get("range") or {}
    where = f"{place.get('filename', '')}:{place.get('start', {}).get('line', '')}: " if place else ""
    return f"{where}{diagnostic.get('summary', '')}\n{diagnostic.get('detail', '')}".rstrip()
