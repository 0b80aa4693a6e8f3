"""Mistakes put into a system one at a time, and the run that has to notice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

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


@cache
def outcome(scenario: Scenario) -> tuple[str, ...]:
    """What a scenario finds in the system as it is; a run depends on nothing else, so one is enough."""
    return tuple(scenario())


def check_killed(mutant: Mutant, patch: Patch) -> None:
    """The scenario passes without the bug and fails with it."""
    assert outcome(mutant.scenario) == ()
    mutant.apply(patch)
    assert mutant.scenario() != []
