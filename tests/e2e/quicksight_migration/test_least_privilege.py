"""Over the whole suite, what each role may do equals what the local cloud saw it need."""

from __future__ import annotations

import pytest

from tests.e2e.permissions import left_over, refused, roles_of
from tests.e2e.quicksight_migration.migrations import Migrations

# What only rare paths need; a run of the suite may take them or not.
UNUSED: dict[tuple[str, str], str] = {}
ON_PURPOSE: set[tuple[str, str]] = set()


@pytest.mark.last(5)
def test_each_role_may_do_exactly_what_it_was_seen_to_need(migrations: Migrations) -> None:
    assert left_over(migrations.cloud, roles_of(migrations.system), UNUSED) == ""


@pytest.mark.last(6)
def test_nobody_was_refused_anything_but_on_purpose(migrations: Migrations) -> None:
    functions = migrations.system["role_names"]["functions"]
    on_purpose = {(functions[name], action) for name, action in ON_PURPOSE}
    assert refused(migrations.cloud, roles_of(migrations.system)) <= on_purpose
