"""Options that more than one command takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., object])

LIMIT = click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="At most so many.")
YES = click.option("--yes", is_flag=True, help="Do not ask.")
CONFIRMED = click.option(
    "--confirmed", is_flag=True, help="You vouch that the upload is whole, whatever its event said."
)


def failure_filters(command: F) -> F:
    """`customer`, `workflow`, `reason`, `status`, `since`, `until`."""
    for option in reversed(
        (
            click.option("--customer", metavar="ID", help="Of this customer."),
            click.option("--workflow", metavar="ID", help="Of this workflow."),
            click.option("--reason", metavar="CODE", help="With this code, such as PERMISSION_DENIED."),
            click.option("--status", type=click.Choice(["FAILED", "PARTIAL", "REJECTED"]), help="That ended so."),
            click.option("--since", metavar="TIME", help="At or after this time, 2026-01-02 or 2026-01-02T03:04:05Z."),
            click.option("--until", metavar="TIME", help="Before this time."),
        )
    ):
        command = option(command)
    return command


def as_query(filters: dict[str, Any]) -> dict[str, Any]:
    """What the API calls the filters that were given."""
    names = {"customer": "customerId", "workflow": "workflowId", "since": "from", "until": "to"}
    return {names.get(name, name): value for name, value in filters.items() if value is not None}
