"""Typed reading of environment variables. Each system has one frozen settings object built from these."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


class SettingError(ValueError):
    """An environment variable is missing or cannot be read; the message names it."""


def text(environ: Mapping[str, str], name: str, default: str | None = None) -> str:
    """The variable as it stands. Raises SettingError when it is unset and has no default."""
    value = environ.get(name, default)
    if value is None:
        raise SettingError(f"environment variable {name} is not set")
    return value


def whole_number(environ: Mapping[str, str], name: str, default: int) -> int:
    """The variable as a whole number of zero or more; unset or empty means the default."""
    value = environ.get(name) or str(default)
    if not (value.isascii() and value.isdigit()):
        raise SettingError(f"environment variable {name} must be a whole number, not {value!r}")
    return int(value)


def json_value(environ: Mapping[str, str], name: str, default: Any) -> Any:
    """The variable parsed as JSON; it must have the type of the default, which stands for unset or empty."""
    value = environ.get(name)
    if not value:
        return default
    try:
        parsed = json.loads(value)
    except json.JSONDecodeError as error:
        raise SettingError(f"environment variable {name} is not JSON: {error}") from error
    if not isinstance(parsed, type(default)):
        raise SettingError(f"environment variable {name} must be a JSON {type(default).__name__}")
    return parsed
