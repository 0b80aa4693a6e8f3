"""One spelling for one value: canonical JSON and the hashes taken over it."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any


def _plain_number(value: object) -> int | str:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    raise TypeError(f"{type(value).__name__} has no canonical JSON form")


def canonical_json(value: Any) -> str:
    """JSON with sorted keys, no blanks and ASCII escapes. Raises TypeError for what JSON cannot hold."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=_plain_number)


def sha256_hex(text: str) -> str:
    """The SHA-256 of the text's UTF-8 bytes, 64 hex digits. Lone surrogates are kept apart, not refused."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
