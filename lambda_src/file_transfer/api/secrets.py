"""The password of a workflow's SFTP user: stored as a hash, never shown, and kept when a definition is replaced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Definition = dict[str, Any]

USER, NAME, HASH = "sftpUser", "sftpUserName", "passwordHash"


def without_password(definition: Mapping[str, Any]) -> Definition:
    """The definition as it may be shown."""
    user = definition.get(USER)
    if not isinstance(user, Mapping):
        return {name: value for name, value in definition.items() if name != USER or isinstance(value, Mapping)}
    return {**definition, USER: {name: value for name, value in user.items() if name != HASH}}


def has_password(definition: Mapping[str, Any]) -> bool:
    """True when the user may log in with a password."""
    user = definition.get(USER)
    return isinstance(user, Mapping) and HASH in user


def with_password_of(stored: Mapping[str, Any], definition: Mapping[str, Any]) -> Definition:
    """The definition with the stored password, if it is about the same user and brings none of its own."""
    user = definition.get(USER)
    same = stored.get(NAME) == definition.get(NAME)
    if not (same and has_password(stored) and isinstance(user, Mapping) and HASH not in user):
        return dict(definition)
    return {**definition, USER: {**user, HASH: stored[USER][HASH]}}
