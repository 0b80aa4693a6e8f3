"""Commands that the documentation gives exist, with the options that it gives them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tools.paths import ROOT
from towpath.main import cli

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^\s*```(?:sh|console)\n(.*?)^\s*```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`(towpath [^`\n]+)`")
PLACEHOLDER = re.compile(r"[A-Z]{3,}|…|\[|<")


def shell_lines(document: Path) -> Iterator[str]:
    """Whole command lines of the shell examples."""
    for block in FENCE.findall(document.read_text()):
        for line in block.replace("\\\n", " ").splitlines():
            command = line.strip().removeprefix("$ ")
            if command.startswith("towpath "):
                yield re.split(r"\s#\s|\s[>|]\s", command)[0]


def examples() -> list[str]:
    found = {line for document in DOCUMENTS for line in shell_lines(document)}
    found |= {code for document in DOCUMENTS for code in CODE.findall(document.read_text())}
    return sorted(found)


def known(command_line: str) -> click.Command:
    """The command that a line leads to. Raises AssertionError for a command or option that is not there."""
    words = iter(shlex.split(command_line.replace("…", ""))[1:])
    context = click.Context(cli, info_name="towpath")
    command: click.Command = cli
    for word in words:
        if word.startswith("-"):
            option = next((each for each in command.params if word.split("=")[0] in each.opts), None)
            assert isinstance(option, click.Option), f"{command.name} has no option {word}"
            if not option.is_flag and "=" not in word:
                next(words, None)
        elif isinstance(command, click.Group):
            name = word.rstrip(",")
            if PLACEHOLDER.search(name):
                break
            found = command.get_command(context, name)
            assert found is not None, f"{command.name} has no command {name}"
            command = found
    return command


@pytest.mark.parametrize("command_line", examples())
def test_what_is_documented_exists(command_line: str) -> None:
    assert known(command_line)


def test_there_are_examples_of_each_group() -> None:
    names = {known(line).name for line in examples()}

    assert {"apply", "execute", "watch", "resume", "rehearse", "export", "login", "trace"} <= names
