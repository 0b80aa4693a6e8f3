"""Terraform's own tests as tests of this suite: every `run` block is one test here."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tools.terraform_tests import ModuleReport, run_module_tests
from tools.terraform_workspace import PARALLEL, copy_modules


class ModuleRuns:
    """Test runs of whole modules, begun two at a time for all modules that the session's tests ask about."""

    def __init__(self, pool: ThreadPoolExecutor, modules: list[str]) -> None:
        copy = copy_modules()
        self._reports: dict[str, Future[ModuleReport]] = {
            module: pool.submit(run_module_tests, copy / module) for module in modules
        }

    def report(self, module: str) -> ModuleReport:
        """Wait for a module's tests to end."""
        return self._reports[module].result()


@pytest.fixture(scope="session")
def module_runs(request: pytest.FixtureRequest) -> Iterator[ModuleRuns]:
    """The runs of every module that a collected test names with its parameter `module`."""
    asked = [
        item.callspec.params
        for item in request.session.items
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
    ]
    modules = dict.fromkeys(params["module"] for params in asked if "module" in params)
    with ThreadPoolExecutor(PARALLEL) as pool:
        yield ModuleRuns(pool, list(modules))


@pytest.fixture(scope="session")
def modules_copy() -> Path:
    """The copy of modules/ that Terraform may write beside."""
    return copy_modules()
