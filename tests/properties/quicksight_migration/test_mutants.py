"""The suite notices each of these bugs: the scenario that passes without it fails with it."""

from __future__ import annotations

import pytest

from tests.properties.mutation import Mutant, check_killed
from tests.properties.quicksight_migration.mutants import ALL


@pytest.mark.parametrize("mutant", ALL, ids=lambda mutant: mutant.name)
def test_mutant_is_killed(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a scenario that the system passes, when the bug is in it, then the scenario says what is wrong."""
    check_killed(mutant, monkeypatch)
