"""Cursors of lists: where the next page begins, opaque and signed.

A cursor is not secret, it only must not be made up: a key that somebody invents would start a Query where no page
ends. It is bound to the list and filters it was made for.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from shared.api.problems import ApiProblem, invalid
from shared.canonical import canonical_json
from shared.schemas import Problem

MAC_BYTES = 16


class Cursors:
    """Made with a secret that all workers of the API share."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"towpath cursor\0" + secret.encode()).digest()

    def write(self, scope: str, position: Mapping[str, Any]) -> str:
        """The cursor of a position. `scope` names the list with its filters."""
        payload = canonical_json(position).encode()
        return base64.urlsafe_b64encode(self._mac(scope, payload) + payload).rstrip(b"=").decode()

    def read(self, scope: str, cursor: str) -> dict[str, Any]:
        """The position in a cursor. Raises ApiProblem 400 for one that this list did not hand out."""
        try:
            raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        except (binascii.Error, UnicodeEncodeError) as error:
            raise _refused() from error
        mac, payload = raw[:MAC_BYTES], raw[MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(scope, payload)):
            raise _refused()
        position: dict[str, Any] = json.loads(payload)
        return position

    def _mac(self, scope: str, payload: bytes) -> bytes:
        return hmac.new(self._key, scope.encode() + b"\0" + payload, hashlib.sha256).digest()[:MAC_BYTES]


def _refused() -> ApiProblem:
    return invalid([Problem("$query.cursor", "is not a cursor of this list")])
