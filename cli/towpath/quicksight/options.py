"""Options that more than one command takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

F = TypeVar("F", bound=Callable[..., object])


def approval_options(command: F) -> F:
    """`approval`: REQUIRED, SECOND_PERSON or None, which leaves it to the target account."""
    asked = click.option("--approval", "approval", flag_value="REQUIRED", help="Wait for an approval in any case.")
    another = click.option(
        "--second-person", "approval", flag_value="SECOND_PERSON", help="Wait for an approval by somebody else."
    )
    return asked(another(command))
