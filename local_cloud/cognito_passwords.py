"""Temporary passwords that Cognito makes up satisfy every password policy.

ministack's have twelve characters, so that AdminCreateUser without a password fails in a pool that asks for more.
"""

from __future__ import annotations

import secrets
import string

from ministack.services import cognito

from local_cloud.symbols import PatchedSymbol

SYMBOLS = (PatchedSymbol("ministack.services.cognito", "_generate_temp_password", "2dd9263564ffde1f"),)
_KINDS = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "!@#$%^&*")
_LENGTH = 99  # the longest minimum length that a policy can have


def install() -> None:
    """Replaces ministack's generator."""
    cognito._generate_temp_password = make


def make() -> str:
    """A password of the greatest length that a policy can ask for, with characters of all kinds."""
    characters = [secrets.choice(kind) for kind in _KINDS]
    characters += [secrets.choice("".join(_KINDS)) for _ in range(_LENGTH - len(characters))]
    secrets.SystemRandom().shuffle(characters)
    return "".join(characters)
