"""Each named run comes to what it must."""

from __future__ import annotations

import pytest

from tests.properties.disaster_recovery.scenarios import ALL
from tests.properties.mutation import Scenario, outcome


@pytest.mark.parametrize("scenario", ALL, ids=lambda scenario: scenario.__name__)
def test_scenario(scenario: Scenario) -> None:
    """Given the run that the scenario's name says, when it is over, then nothing in it went wrong."""
    assert outcome(scenario) == ()
