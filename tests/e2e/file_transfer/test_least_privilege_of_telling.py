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
# A key outside of what the function may read: test_a_secret_out_of_reach_fails_the_notification_alone.
REFUSED_ON_PURPOSE = {
    "notifications": {("deliver-notifications", "secretsmanager:GetSecretValue")},
    "audit": set[tuple[str, str]](),
}


@pytest.mark.last(5)
@pytest.mark.parametrize("add_on", UNUSED)
def test_each_role_may_do_exactly_what_it_was_seen_to_need(transfers: Transfers, add_on: str) -> None:
    roles = transfers.cloud.outputs("file-transfer")[add_on]["role_names"].values()

    assert left_over(transfers.cloud, roles, UNUSED[add_on]) == ""


@pytest.mark.last(6)
@pytest.mark.parametrize("add_on", REFUSED_ON_PURPOSE)
def test_nobody_was_refused_anything_but_on_purpose(transfers: Transfers, add_on: str) -> None:
    roles = transfers.cloud.outputs("file-transfer")[add_on]["role_names"]

    allowed = {(roles[function], action) for function, action in REFUSED_ON_PURPOSE[add_on]}
    assert refused(transfers.cloud, roles.values()) <= allowed
