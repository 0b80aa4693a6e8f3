"""Ranges of a multipart copy cover a file once, within the limits of S3."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from file_transfer.copying.parts import MIB, MOST_PARTS, Parts, batches, divide

FIVE_GIB = 5 * 1024 * MIB
LARGEST_OBJECT = MOST_PARTS * FIVE_GIB


def bounds(text: str) -> tuple[int, int]:
    """First and last byte of a range."""
    first, last = text.removeprefix("bytes=").split("-")
    return int(first), int(last)


@given(size=st.integers(1, LARGEST_OBJECT), part_bytes=st.integers(5 * MIB, FIVE_GIB))
def test_any_object_that_s3_can_hold_has_no_more_parts_than_s3_takes(size: int, part_bytes: int) -> None:
    parts = divide(size, part_bytes)
    assert len(parts.numbers) <= MOST_PARTS
    assert part_bytes <= parts.part_bytes <= FIVE_GIB
    assert bounds(parts.range_of(1))[0] == 0
    assert bounds(parts.range_of(parts.numbers[-1]))[1] == size - 1


@given(size=st.integers(1, 200), part_bytes=st.integers(1, 50))
def test_parts_follow_each_other_without_gap_or_overlap(size: int, part_bytes: int) -> None:
    parts = Parts(size, part_bytes)
    covered = [bounds(parts.range_of(number)) for number in parts.numbers]
    assert [byte for first, last in covered for byte in range(first, last + 1)] == list(range(size))


@given(missing=st.sets(st.integers(1, 60)), at_most=st.integers(1, 20))
def test_batches_span_every_missing_part_once(missing: set[int], at_most: int) -> None:
    spans = batches(sorted(missing), at_most)
    covered = [number for each in spans for number in range(each["first"], each["last"] + 1)]
    assert missing <= set(covered)
    assert len(covered) == len(set(covered))
    assert all(len(missing & set(range(each["first"], each["last"] + 1))) <= at_most for each in spans)
