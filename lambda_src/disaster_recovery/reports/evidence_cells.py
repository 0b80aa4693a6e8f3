"""Cells and tables of the evidence page. Values are escaped here; what comes back is HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from disaster_recovery.drs.durations import text_of
from shared.clock import parse

GOOD, WARN, BAD = "good", "warn", "bad"
TONES = {
    **dict.fromkeys(("COMPLETED", "LAUNCHED", "SUCCEEDED", "TERMINATED"), GOOD),
    **dict.fromkeys(("PARTIAL", "SKIPPED", "CANCELLED", "PAUSED", "CANCELLING"), WARN),
    **dict.fromkeys(("FAILED", "TIMED_OUT"), BAD),
}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Cells are HTML already. A heading that begins with `#` is that of numbers."""
    kinds = [' class="n"' if name.startswith("#") else "" for name in head]
    names = "".join(f"<th{kind}>{escape(name.lstrip('#'))}</th>" for kind, name in zip(kinds, head, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{kind}>{cell}</td>" for kind, cell in zip(kinds, row, strict=True)) + "</tr>"
        for row in rows
    )
    return f'<div class="wide"><table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table></div>'


def count(number: int, noun: str) -> str:
    """`1 server`, `2 servers`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def status(word: str) -> str:
    """A status in the colour of what it means."""
    return f'<span class="{TONES.get(word, "")}">{escape(word)}</span>'


def error(item: Mapping[str, Any]) -> str:
    """The error of an item, on a line of its own."""
    return f'<br><span class="soft">{escape(item["errorMessage"])}</span>' if item.get("errorMessage") else ""


def code(text: str | None) -> str:
    """An id."""
    return f"<code>{escape(text)}</code>" if text else ""


def seconds(number: int | None) -> str:
    """A duration for people."""
    return '<span class="soft">–</span>' if number is None else escape(text_of(number))


def time(text: str | None) -> str:
    """A moment, in UTC."""
    return "" if not text else escape(parse(text).strftime("%Y-%m-%d %H:%M:%S UTC"))
