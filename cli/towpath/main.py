"""`towpath`: the root command and its global options."""

from __future__ import annotations

import click


@click.group()
def cli() -> None:
    """Operate the systems of Towpath."""


def main() -> None:
    """Entry point of the console script."""
    cli(prog_name="towpath")
