"""CRC-64/NVME in blocks against the definition, bit by bit."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_cloud.crc64 import combined, crc64nvme


def by_definition(data: bytes) -> int:
    """The register of the catalogue: reflected, all ones before and after."""
    register = (1 << 64) - 1
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0x9A6C9329AC4BC9B5 if register & 1 else 0)
    return register ^ (1 << 64) - 1


def test_the_check_value_of_the_catalogue() -> None:
    assert crc64nvme(b"123456789") == 0xAE8B14860A799888


@given(st.binary(max_size=600))
def test_short_data(data: bytes) -> None:
    assert crc64nvme(data) == by_definition(data)


@pytest.mark.parametrize("size", [4096, 64 * 64 + 1, 3 * 4096 - 8, 70_001])
def test_data_of_many_blocks(size: int) -> None:
    data = random.Random(size).randbytes(size)
    assert crc64nvme(data) == by_definition(data)


def test_data_of_several_windows_is_the_sum_of_its_pieces() -> None:
    data = random.Random(1).randbytes((2 << 20) + 12_345)
    cuts = [0, 1, 77_777, 1 << 20, len(data)]
    pieces = [memoryview(data)[first:last] for first, last in zip(cuts, cuts[1:], strict=False)]
    assert crc64nvme(data) == combined((crc64nvme(piece), len(piece)) for piece in pieces)


@given(st.lists(st.binary(max_size=100), max_size=5))
def test_pieces_make_the_whole(pieces: list[bytes]) -> None:
    assert combined((crc64nvme(piece), len(piece)) for piece in pieces) == by_definition(b"".join(pieces))
