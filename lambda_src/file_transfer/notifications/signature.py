"""Signatures of webhooks as Standard Webhooks has them (standardwebhooks.com): receivers find libraries to check them.

Signed is `<id>.<unix seconds>.<body>` with HMAC-SHA256; the header holds `v1,<base64>` for each key, with a blank
between them, so that a key can be changed without a moment in which nobody can check.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

from shared.errors import ValidationFailed

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
PREFIX = "whsec_"
#: The least that the specification wants of a key.
KEY_BYTES = 24


def key_of(secret: str) -> bytes:
    """The key of a secret: base64 behind `whsec_`, else the text itself. Raises ValidationFailed when too short."""
    text = secret.strip()
    try:
        key = base64.b64decode(text[len(PREFIX) :], validate=True) if text.startswith(PREFIX) else text.encode()
    except binascii.Error as error:
        raise ValidationFailed("the signing secret is not base64 behind whsec_") from error
    if len(key) < KEY_BYTES:
        raise ValidationFailed(f"the signing secret has {len(key)} bytes: use {KEY_BYTES} or more")
    return key


def signed_headers(keys: Sequence[bytes], own_id: str, at: int, body: bytes) -> dict[str, str]:
    """The three headers of a webhook; the newest key's signature comes first. `at` is unix seconds."""
    content = f"{own_id}.{at}.".encode() + body
    signatures = [base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode() for key in keys]
    return {ID: own_id, TIMESTAMP: str(at), SIGNATURE: " ".join(f"v1,{each}" for each in signatures)}
