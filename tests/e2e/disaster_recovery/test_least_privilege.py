"""Over the whole suite, what each role may do equals what the local cloud saw it need."""

from __future__ import annotations

import pytest

from tests.e2e.disaster_recovery.recoveries import Recoveries
from tests.e2e.permissions import left_over, refused, roles_of

UNUSED: dict[tuple[str, str], str] = {}
# Roles of another account that trust nobody (test_an_account_that_does_not_trust_us…).
ON_PURPOSE = {("api-handler", "sts:AssumeRole")}


@pytest.mark.last(5)
def test_each_role_may_do_exactly_what_it_was_seen_to_need(recoveries: Recoveries) -> None:
    assert left_over(recoveries.cloud, roles_of(recoveries.system), UNUSED) == []


@pytest.mark.last(6)
def test_nobody_was_refused_anything_but_on_purpose(recoveries: Recoveries) -> None:
    functions = recoveries.system["role_names"]["functions"]
    on_purpose = {(functions[name], action) for name, action in ON_PURPOSE}
    assert refused(recoveries.cloud, roles_of(recoveries.system)) <= on_purpose
