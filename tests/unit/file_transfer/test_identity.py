"""Keys: distinct for what is distinct, and within DynamoDB's limits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from file_transfer.records import identity

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=1024)


@given(NAMES, NAMES)
def test_key_parts_are_distinct_short_and_without_separators(one: str, other: str) -> None:
    parts = identity.key_part(one), identity.key_part(other)
    assert (parts[0] == parts[1]) == (one == other)
    assert all("#" not in part and len(part.encode()) <= identity.KEY_PART_BYTES for part in parts)


def test_names_that_would_collide_do_not() -> None:
    assert identity.key_part("a#b") != identity.key_part("a%23b")
    assert identity.key_part("x" * 2000) != identity.key_part("x" * 2001)
    assert identity.transfer_id("a", "b", "c") != identity.transfer_id("a", "bc", "")


def test_keys_are_as_the_design_says() -> None:
    key = identity.status_key("bankpacific", "a.csv", "2025-06-28T22:00:00.000000Z", "0123456789abcdef")
    assert key == ("FILE#bankpacific#a.csv", "TS#2025-06-28T22:00:00.000000Z#0123456789abcdef")
    assert (identity.id_of(key.sk), identity.arrival_of(key.sk)) == ("0123456789abcdef", "2025-06-28T22:00:00.000000Z")
    index = identity.index_key("bankpacific", "a.csv", "2025-06-28T22:00:00.000000Z", "0123456789abcdef")
    assert index == ("CUSTOMER#bankpacific", "DATE#2025-06-28#a.csv#0123456789abcdef")


@given(NAMES)
def test_every_sort_key_fits(name: str) -> None:
    _, sort_key = identity.index_key("c", name, "2025-06-28T22:00:00.000000Z", "0" * 16)
    assert len(sort_key.encode()) <= 1024
