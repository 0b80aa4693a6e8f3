"""Evidence packs as files: a page to print, and data."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from towpath.output import Output


def write_evidence(
    output: Output, html: Path | None, out: Path | None, page: Callable[[], str], data: Callable[[], Any]
) -> None:
    """Writes what was asked for; the data to standard output when nothing was."""
    if html is not None:
        html.write_text(page(), encoding="utf-8")
        output.say(f"The page is {html}.")
    if out is not None:
        out.write_text(json.dumps(data(), indent=2) + "\n", encoding="utf-8")
        output.say(f"The data is in {out}.")
    elif html is None:
        click.echo(json.dumps(data(), indent=2))
