"""What the functions that tell people and keep the audit trail may do equals what the local cloud saw them need."""

from __future__ import annotations

import pytest

from tests.e2e.file_transfer.transfers import Transfers
from tests.e2e.permissions import left_over, refused

UNUSED: dict[str, dict[tuple[str, str], str]] = {
    "notifications": {},
    "audit": {
        ("export-audit", "sqs:SendMessage"): "a batch is put aside after a hundred tries, which no test waits for"
    },
}


@pytest.mark.last(5)
@pytest.mark.parametrize("add_on", UNUSED)
def test_each_role_may_do_exactly_what_it_was_seen_to_need(transfers: Transfers, add_on: str) -> None:
    roles = transfers.cloud.outputs("file-transfer")[add_on]["role_names"].values()

    assert left_over(transfers.cloud, roles, UNUSED[add_on]) == ""


@pytest.mark.last(6)
@pytest.mark.parametrize("add_on", UNUSED)
def test_nobody_was_refused_anything(transfers: Transfers, add_on: str) -> None:
    roles = transfers.cloud.outputs("file-transfer")[add_on]["role_names"].values()

    assert refused(transfers.cloud, roles) == set()
