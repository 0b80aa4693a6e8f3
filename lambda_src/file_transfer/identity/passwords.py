"""Passwords against their Argon2id hashes. Every check does the same work, whoever is asked about."""

from __future__ import annotations

from functools import cache
from typing import Any

#: Of a random text that nobody has. The parameters are those that the schema of users demands.
NOBODYS_HASH = "$argon2id$v=19$m=65536,t=3,p=4$GzUgX9nDyUohFRIcjhgXqw$AirKmpB5jCJza4mc7GasbESWJuf10Z083OiXgYL0q0E"
#: Longer texts are not looked at in full: they would cost more than a check should.
MOST_CHARACTERS = 1024


def is_right(password: str, password_hash: str) -> bool:
    """True when the password has the hash. Without a hash it is checked against nobody's, and is wrong."""
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415  (key logins need no such module)

    try:
        _hasher().verify(password_hash or NOBODYS_HASH, password[:MOST_CHARACTERS])
    except (InvalidHashError, VerificationError):
        return False
    return bool(password_hash) and len(password) <= MOST_CHARACTERS


@cache
def _hasher() -> Any:
    from argon2 import PasswordHasher  # noqa: PLC0415

    return PasswordHasher()
