"""Terraform takes seconds to begin anything, so what the collected tests ask about is begun at once, two at a time."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tools.readme_examples import examples, plan_example
from tools.stack_plans import plan_stack
from tools.terraform_provider import one_provider
from tools.terraform_tests import ModuleReport, run_module_tests
from tools.terraform_workspace import PARALLEL, copy_sources

MODULE, EXAMPLE, STACK = "module", "example", "stack"


@pytest.fixture(scope="session")
def begun(request: pytest.FixtureRequest) -> Iterator[dict[tuple[str, str], Future[Any]]]:
    """A result to come for each value of the parameters `module`, `example` and `stack` among the collected tests."""
    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    params: list[dict[str, Any]] = [item.callspec.params for item in items if hasattr(item, "callspec")]
    modules = dict.fromkeys(each[MODULE] for each in params if MODULE in each)
    asked = dict.fromkeys(each[EXAMPLE] for each in params if EXAMPLE in each)
    stacks = dict.fromkeys(each[STACK] for each in params if STACK in each)
    copy, texts = copy_sources(), examples()
    with one_provider(), ThreadPoolExecutor(PARALLEL) as pool:
        jobs: dict[tuple[str, str], Future[Any]] = {}
        jobs |= {(EXAMPLE, name): pool.submit(plan_example, name, texts[name]) for name in asked}
        jobs |= {(STACK, name): pool.submit(plan_stack, name) for name in stacks}
        jobs |= {(MODULE, name): pool.submit(run_module_tests, copy / name) for name in modules}
        yield jobs


@pytest.fixture(scope="session")
def report_of(begun: dict[tuple[str, str], Future[Any]]) -> Callable[[str], ModuleReport]:
    """Waits for the tests of a module."""
    return lambda module: begun[MODULE, module].result()


@pytest.fixture(scope="session")
def plan_of(begun: dict[tuple[str, str], Future[Any]]) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Waits for the plan of a README's example."""
    return lambda example: begun[EXAMPLE, example].result()


@pytest.fixture(scope="session")
def stack_plan_of(begun: dict[tuple[str, str], Future[Any]]) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Waits for the plan of a stack that is deployed to AWS."""
    return lambda stack: begun[STACK, stack].result()
