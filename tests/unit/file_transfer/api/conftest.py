"""One API for each test."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.file_transfer.api.world import World


@pytest.fixture
def world(dynamodb: Any) -> World:
    """With empty tables and queues."""
    return World(dynamodb)
