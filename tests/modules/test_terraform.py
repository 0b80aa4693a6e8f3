"""Terraform's own tests as tests of this suite: every `run` block is one test here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tools.paths import module_folders
from tools.terraform_tests import PASSED, ModuleReport, declared_runs

RUNS = [(folder.name, file, run) for folder in module_folders() for file, run in declared_runs(folder)]


@pytest.mark.parametrize(("module", "file", "run"), RUNS, ids=["::".join(run) for run in RUNS])
def test_run_passes(report_of: Callable[[str], ModuleReport], module: str, file: str, run: str) -> None:
    """Each `run` block of modules/<module>/tests/<file> holds."""
    # When its module's tests have been run
    report = report_of(module)

    # Then Terraform says that it passed
    assert report.statuses.get((file, run)) == PASSED, report.explanation(file, run)


@pytest.mark.parametrize("folder", module_folders(), ids=lambda folder: folder.name)
def test_module_has_tests(folder: Path) -> None:
    """A module without a run block is not tested by this layer, and would pass unseen."""
    assert declared_runs(folder)
