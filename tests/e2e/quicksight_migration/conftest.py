"""The accounts of a migration, fresh for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local_cloud.session import LocalCloud
from tests.e2e.quicksight_migration.migrations import Migrations


@pytest.fixture(scope="session")
def system(cloud: LocalCloud) -> Migrations:
    """QuickSight migration, with its people signed in once."""
    return Migrations(cloud)


@pytest.fixture
def migrations(system: Migrations) -> Iterator[Migrations]:
    """QuickSight migration as its users see it; no fault outlives a test."""
    system.begin()
    yield system
    system.calm()
