"""Ids that sort as the moments they were made of."""

from __future__ import annotations

import secrets
from datetime import datetime

#: Base32 in the order of ASCII, so that ids sort as numbers do.
ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
ID_LENGTH, CHANCE_BITS = 20, 52


def new_id(prefix: str, now: datetime) -> str:
    """`<prefix>-` and 20 characters: 48 bits of milliseconds, then 52 bits of chance."""
    number = int(now.timestamp() * 1000) << CHANCE_BITS | secrets.randbits(CHANCE_BITS)
    return f"{prefix}-" + "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(ID_LENGTH)))
