"""Where a file goes."""

from __future__ import annotations

import pytest

from file_transfer.errors import Rejection
from file_transfer.workflows.targets import TargetRule, full_uri, key_problem, render, short_uri, tokens
from tests.unit.given import PARTNER, SETTINGS

ID = "0123456789abcdef"


def rendered(uri: str, pattern: str = "", name: str = "bank_2025.csv", overwrite: str = "newest-wins") -> str:
    """Bucket and key."""
    values = tokens("bankpacific", name, "2025-06-28T22:00:00.000000Z")
    target = render(TargetRule("t", uri, pattern, overwrite), values, ID, SETTINGS.sftp_targets)
    return f"{target.bucket}/{target.key}"


@pytest.mark.parametrize(
    ("uri", "pattern", "expected"),
    [
        ("s3://archive", "", "archive/bank_2025.csv"),
        ("s3://archive/in/", "", "archive/in/bank_2025.csv"),
        ("s3://archive/", "customerId/YYYY/MM/", "archive/bankpacific/2025/06/bank_2025.csv"),
        ("s3://archive/base", "{customerId}/{yyyy}-{mm}-{dd}/", "archive/base/bankpacific/2025-06-28/bank_2025.csv"),
        ("s3://archive/", "{stem}/part.{ext}", "archive/bank_2025/part.csv"),
        ("s3://archive/", "customerId/fileName", "archive/bankpacific/bank_2025.csv"),
        ("s3://archive-{customerId}/x/", "", "archive-bankpacific/x/bank_2025.csv"),
        ("sftp://partner/{customerId}/", "", f"{PARTNER}/home/bankpacific/bank_2025.csv"),
        ("s3://archive/myYYYY/", "", "archive/myYYYY/bank_2025.csv"),
    ],
)
def test_patterns(uri: str, pattern: str, expected: str) -> None:
    assert rendered(uri, pattern) == expected


def test_a_name_like_a_token_stays_as_it_is() -> None:
    assert rendered("s3://archive/{customerId}/", name="{yyyy}-customerId") == "archive/bankpacific/{yyyy}-customerId"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.csv", f"a.{ID}.csv"), ("a.tar.gz", f"a.tar.{ID}.gz"), ("noext", f"noext.{ID}"), (".hidden", f".hidden.{ID}")],
)
def test_a_versioned_name_is_the_versions_own(name: str, expected: str) -> None:
    assert rendered("s3://archive/", name=name, overwrite="versioned-name") == f"archive/{expected}"


@pytest.mark.parametrize("name", ["..", ".", "x" * 1025, "ü" * 513])
def test_keys_s3_or_a_server_would_trip_over_are_refused(name: str) -> None:
    with pytest.raises(Rejection) as caught:
        rendered("s3://archive/", name=name)
    assert caught.value.reason == "INVALID_KEY"


@pytest.mark.parametrize("key", ["", "/a", "a//b", "a/../b", "a/./b"])
def test_bad_keys_have_a_reason(key: str) -> None:
    assert key_problem(key)


@pytest.mark.parametrize("uri", ["s3://b/in/a.csv", "s3://b/a.csv", "sftp://partner/x/other.csv"])
def test_short_uris_come_back_whole(uri: str) -> None:
    assert full_uri(short_uri(uri, "a.csv"), "a.csv") == uri
