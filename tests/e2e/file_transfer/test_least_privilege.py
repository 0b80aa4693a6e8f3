"""Over the whole suite, what each role may do equals what the local cloud saw it need."""

from __future__ import annotations

import pytest

from tests.e2e.file_transfer.transfers import Transfers
from tests.e2e.permissions import granted, left_over, refused, roles_of

UNUSED = {
    ("validate-input", "s3:ListBucket"): "without it S3 answers 403 instead of 404 for an object that is gone",
    ("copy-object", "s3:ListBucket"): "without it S3 answers 403 instead of 404 for a target that is not there yet",
}
UNUSED_BY_SFTP_USERS = {
    "s3:GetObjectVersion": "Transfer Family's guide asks for it on every user that may read",
}


@pytest.mark.last(5)
def test_each_role_may_do_exactly_what_it_was_seen_to_need(transfers: Transfers) -> None:
    assert left_over(transfers.cloud, roles_of(transfers.system), UNUSED) == ""


@pytest.mark.last(5)
def test_sftp_users_of_one_kind_may_do_exactly_what_they_were_seen_to_do(transfers: Transfers) -> None:
    # Given users with the same permissions, taken together: not every user does everything
    kinds: dict[frozenset[str], set[str]] = {}
    for role in transfers.system["role_names"]["sftp_users"].values():
        used = {p["action"] for p in transfers.cloud.permissions() if p["role"] == role and p["allowed"]}
        kinds.setdefault(frozenset(granted(transfers.cloud, role)), set()).update(used)

    # Then nothing is left over
    left = {action for allowed, used in kinds.items() for action in allowed - used}
    assert left <= set(UNUSED_BY_SFTP_USERS)
    assert len(kinds) == 2  # the partner reads, the others read and write


@pytest.mark.last(6)
def test_nobody_was_refused_anything_but_on_purpose(transfers: Transfers) -> None:
    # The only refusals of the suite: a target that the copy role does not have (test_a_missing_target_bucket…).
    found = refused(transfers.cloud, roles_of(transfers.system))
    assert found <= {(transfers.system["role_names"]["functions"]["copy-object"], "s3:PutObject")}
