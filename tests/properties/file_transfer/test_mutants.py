"""The suite notices each of these bugs: the runs that are whole without it are broken with it."""

from __future__ import annotations

import pytest

from tests.properties.file_transfer.mutants import ALL
from tests.properties.mutation import Mutant, check_killed


@pytest.mark.parametrize("mutant", ALL, ids=lambda mutant: mutant.name)
def test_mutant_is_killed(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given runs that the system passes, when the bug is in it, then one of them says what is wrong."""
    check_killed(mutant, monkeypatch)
