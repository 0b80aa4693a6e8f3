from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools.paths import MODULES, module_folders
from tools.terraform_tests import PASSED, declared_runs

if TYPE_CHECKING:
    from tests.modules.conftest import ModuleRuns

RUNS = [(folder.name, file, run) for folder in module_folders() for file, run in declared_runs(folder)]


@pytest.mark.parametrize(("module", "file", "run"), RUNS, ids=["::".join(run) for run in RUNS])
def test_run_passes(module_runs: ModuleRuns, module: str, file: str, run: str) -> None:
    """Each `run` block of modules/<module>/tests/<file> holds."""
    # When its module's tests have been run
    report = module_runs.report(module)

    # Then Terraform says that it passed
    assert report.statuses.get((file, run)) == PASSED, report.explanation(file, run)


@pytest.mark.parametrize("folder", module_folders(), ids=lambda folder: folder.name)
def test_module_has_tests(folder) -> None:
    """A module without a run block is not tested by this layer, and would pass unseen."""
    assert declared_runs(MODULES / folder.name)
