"""Ids that sort as the moments they were made of, and ids that follow from a text."""

from __future__ import annotations

import secrets
from datetime import datetime

from shared.canonical import sha256_hex

#: Base32 in the order of ASCII, so that ids sort as numbers do.
ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
ID_LENGTH, CHANCE_BITS = 20, 52


def new_id(prefix: str, now: datetime) -> str:
    """`<prefix>-` and 20 characters: 48 bits of milliseconds, then 52 bits of chance."""
    number = int(now.timestamp() * 1000) << CHANCE_BITS | secrets.randbits(CHANCE_BITS)
    return f"{prefix}-{_text(number)}"


def derived_id(prefix: str, text: str) -> str:
    """An id of the same form that the same text always gives; it sorts as nothing does."""
    return f"{prefix}-{_text(int(sha256_hex(text), 16))}"


def _text(number: int) -> str:
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(ID_LENGTH)))
