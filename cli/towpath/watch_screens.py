"""What `watch` shows of something that goes on: a picture kept up to date on a terminal, lines in a file, or JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from rich.console import RenderableType
from rich.live import Live

from shared.clock import utc_now
from towpath.output import Output

Document = dict[str, Any]


class Screen(Protocol):
    """Where a watch shows what it sees."""

    def __enter__(self) -> object: ...
    def __exit__(self, *_: object) -> None: ...
    def show(self, document: Document) -> None:
        """How it stands now."""

    def trouble(self, text: str) -> None:
        """It cannot be seen at the moment."""

    def end(self, document: Document) -> None:
        """It is over."""


@dataclass(frozen=True)
class Look:
    """`picture` for a terminal at a moment, with a trouble or ""; `changes` as lines that are told once each; `whole`
    prints how it ended."""

    picture: Callable[[Document, datetime, str], RenderableType]
    changes: Callable[[Document], Iterable[tuple[str, ...]]]
    whole: Callable[[Output, Document], None]


def screen_of(output: Output, look: Look) -> Screen:
    """The screen for this output."""
    return JsonLines(output) if output.as_json else LiveScreen(output, look)


class LiveScreen:
    """A picture on a terminal; lines for each change in a file."""

    def __init__(self, output: Output, look: Look) -> None:
        self._output = output
        self._look = look
        self._live = Live(console=output.console, auto_refresh=False, transient=True)
        self._shown: Document = {}
        self._said: set[tuple[str, ...]] = set()

    def __enter__(self) -> None:
        if self._output.console.is_terminal:
            self._live.start()

    def __exit__(self, *_: object) -> None:
        if self._live.is_started:
            self._live.stop()

    def show(self, document: Document, trouble: str = "") -> None:
        self._shown = document
        if self._live.is_started:
            self._live.update(self._look.picture(document, utc_now(), trouble), refresh=True)
            return
        for line in self._look.changes(document):
            if line not in self._said:
                self._said.add(line)
                self._output.say("  ".join((str(utc_now())[11:19], *line)))

    def trouble(self, text: str) -> None:
        if self._shown:
            self.show(self._shown, text)
        else:
            self._output.say(text)

    def end(self, document: Document) -> None:
        self._look.whole(self._output, document)


class JsonLines:
    """One JSON document a change, one line each; `revision` tells changes apart."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._revision = -1

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, document: Document) -> None:
        if document["revision"] != self._revision:
            self._revision = document["revision"]
            self._output.json_line(document)

    def trouble(self, text: str) -> None:
        self._output.say(text)

    def end(self, document: Document) -> None:
        pass


class Quiet:
    """Shows nothing but troubles: what is waited for is shown by somebody else."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, document: Document) -> None:
        pass

    def trouble(self, text: str) -> None:
        self._output.say(text)

    def end(self, document: Document) -> None:
        pass
