"""CRC-64/NVME in plain Python, fast enough for files of gigabytes.

The polynomial P has a property that makes this quick: over GF(2), P(x) to the power of 2^k is P(x^(2^k)). So the shift
register that divides by P bit by bit also divides by that power when each of its bits is a block of 2^k bits, and
Python XORs whole blocks at the speed of C. What is left, 64 blocks, has the same remainder by P as the data, and is
divided further with smaller blocks, and byte by byte at the end. Parameters: catalogue of parametrised CRC algorithms,
CRC-64/NVME (reflected; all ones before and after).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

_POLY = 0xAD93D23594C93659
_TERMS = [exponent for exponent in range(64) if _POLY >> exponent & 1]
_REFLECTED = int(f"{_POLY:064b}"[::-1], 2)
_ONES = (1 << 64) - 1
_WIDTH = 8
#: Bytes of a block in the first and in the second division, and of what is divided at once.
_LARGE, _SMALL = 4096, 64
_WINDOW = 1 << 20
Bytes = bytes | bytearray | memoryview


def _table_entry(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ _REFLECTED if byte & 1 else byte >> 1
    return byte


_TABLE = [_table_entry(byte) for byte in range(256)]


def crc64nvme(data: Bytes) -> int:
    """The checksum of anything that has a buffer, with little memory of its own."""
    view = memoryview(data)
    if len(view) < _WIDTH:
        return _by_bytes(view, _ONES) ^ _ONES
    begun = bytes(each ^ 0xFF for each in view[:_WIDTH])
    rest = view[_WIDTH:]
    for block in (_LARGE, _SMALL):
        rest = memoryview(_reduced(_windows(begun, rest, block), block))
        begun = b""
    return _by_bytes(rest, 0) ^ _ONES


def combined(pieces: Iterable[tuple[int, int]]) -> int:
    """The checksum of a whole from those of its pieces in order, each (checksum, length)."""
    whole = 0
    for checksum, length in pieces:
        whole = _times(whole, _power(length)) ^ checksum
    return whole


def _by_bytes(data: Bytes, register: int) -> int:
    for byte in data:
        register = _TABLE[(register ^ byte) & 0xFF] ^ register >> 8
    return register


def _windows(begun: bytes, rest: memoryview, block: int) -> Iterator[bytes]:
    """The data in whole blocks; zeros before the first byte change nothing."""
    first = (-(len(begun) + len(rest))) % block
    end = min(len(rest), _WINDOW - (first + len(begun)) % block)
    end -= (first + len(begun) + end) % block
    yield bytes(first) + begun + bytes(rest[:end])
    for start in range(end, len(rest), _WINDOW):
        yield bytes(rest[start : start + _WINDOW])


def _reduced(windows: Iterator[bytes], block: int) -> bytes:
    """At most 64 blocks with the same remainder."""
    blocks: list[int] = []
    for window in windows:
        blocks += [int.from_bytes(window[at : at + block], "little") for at in range(0, len(window), block)]
        for at in range(len(blocks) - 64):
            top = blocks[at]
            for exponent in _TERMS:
                blocks[at + 64 - exponent] ^= top
        blocks = blocks[-64:]
    return b"".join(each.to_bytes(block, "little") for each in blocks)


@lru_cache(maxsize=1024)
def _power(length: int) -> int:
    """x to the power of 8 * length, modulo P; bit 63 is the constant term."""
    result, square = 1 << 63, 1 << 55
    while length:
        if length & 1:
            result = _times(result, square)
        square = _times(square, square)
        length >>= 1
    return result


def _times(one: int, other: int) -> int:
    product = 0
    while one:
        if one >> 63:
            product ^= other
        one = one << 1 & _ONES
        other = other >> 1 ^ _REFLECTED if other & 1 else other >> 1
    return product
