"""Mistakes put into a system one at a time, and the run that has to notice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

Patch = pytest.MonkeyPatch
Scenario = Callable[[], list[str]]
"""A named run; returns what went wrong in words, nothing when all is well."""


@dataclass(frozen=True)
class Mutant:
    """`apply` puts the bug in; `scenario` is the run that must notice."""

    name: str
    apply: Callable[[Patch], None]
    scenario: Scenario


def check_killed(mutant: Mutant, patch: Patch) -> None:
    """The scenario passes without the bug and fails with it."""
    assert mutant.scenario() == []
    mutant.apply(patch)
    assert mutant.scenario() != []
