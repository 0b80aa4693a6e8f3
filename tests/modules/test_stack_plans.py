"""What is deployed to AWS plans with the example values beside it, before anybody has an account."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from tools.stack_plans import deployed_stacks, mocked_plan_of


@pytest.mark.parametrize("stack", deployed_stacks())
def test_stack_plans(stack_plan_of: Callable[[str], subprocess.CompletedProcess[str]], stack: str) -> None:
    # When the stack is planned with its terraform.tfvars.example
    planned = stack_plan_of(stack)

    # Then there is a plan, and what it passes on is accepted by its modules
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert "1 passed, 0 failed" in planned.stdout


def test_every_provider_of_a_stack_is_mocked() -> None:
    """One that is not would ask AWS for the caller's identity."""
    text = mocked_plan_of(deployed_stacks()["dev-disaster-recovery"])
    assert text.count("mock_provider") == 2
    assert 'alias = "us_east_1"' in text
