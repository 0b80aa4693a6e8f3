"""YAML files whose every value knows its line: what a schema finds is told where an editor can jump to.

Scalars are read as YAML 1.2's core schema reads them, not as YAML 1.1 does: `2026-01-02T03:04:05Z` stays text, `no` is
not false, and an account id with a leading zero is no octal number. A key that comes twice is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from shared.schemas import Problem, path_text
from towpath.errors import CliError, Invalid

Path_ = tuple[str | int, ...]


class _Loader(yaml.SafeLoader):
    """A loader with resolvers of its own."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}


for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("tag:yaml.org,2002:null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("tag:yaml.org,2002:float", r"^[-+]?(?:0|[1-9][0-9]*)\.[0-9]+$", "-+0123456789"),
):
    _Loader.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))


@dataclass(frozen=True)
class Located:
    """The content of a file. `lines` maps a path such as `$.waves[1].name` to its line, from 1."""

    file: Path
    value: Any
    lines: dict[str, int] = field(default_factory=dict)

    def place(self, path: str) -> str:
        """`plan.yaml:12 $.waves[1].name`: the line of the path, or of the nearest part of it that exists."""
        return f"{self.file}:{self.line(path)} {path}"

    def line(self, path: str) -> int:
        """The line of the path, or of the nearest part of it that exists."""
        known = path
        while known not in self.lines and known != "$":
            known = re.sub(r"(\.[^.\[\]]+|\[[^\]]*\])$", "", known) or "$"
            if known != "$" and not known.startswith(("$.", "$[")):
                known = "$"
        return self.lines.get(known, 1)


def load(file: Path) -> Located:
    """The one document of a YAML (or JSON) file. Raises Invalid with the line of what cannot be read."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{file} cannot be read: {error}") from error
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            raise Invalid(f"{file} is empty")
        lines = {path_text(path): line for path, line in _walk(file, node, ())}
        value = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{file}:{mark.line + 1}" if mark else str(file)
        problem = " ".join(part for part in (error.context, error.problem) if part)
        raise Invalid(f"{file} is not YAML", problems=[(place, problem)]) from error
    except yaml.YAMLError as error:
        raise Invalid(f"{file} is not YAML: {error}") from error
    finally:
        loader.dispose()
    return Located(file, value, lines)


def refused(located: Located, found: Sequence[Problem], what: str) -> Invalid:
    """The error that names each problem's line; `what` is what the file should be."""
    places = [(located.place(problem.path), problem.message) for problem in found]
    count = f"{len(found)} problem{'s' if len(found) > 1 else ''}"
    return Invalid(f"{located.file} is not a valid {what}: {count}", problems=places)


@contextmanager
def located_in(located: Located) -> Iterator[None]:
    """What the API finds wrong with the content of a file is told with the file's lines."""
    try:
        yield
    except CliError as error:
        error.problems = [(located.place(path) if path.startswith("$") else path, say) for path, say in error.problems]
        raise


def _walk(file: Path, node: yaml.Node, path: Path_) -> Iterator[tuple[Path_, int]]:
    """Each value's path with the line where its key (or itself, in a list) stands."""
    yield path, node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _walk(file, item, (*path, index))
    elif isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in seen:
                place = f"{file}:{line} {path_text((*path, name))}"
                raise Invalid(f"{file} says {name!r} twice", problems=[(place, f"is at line {seen[name]} already")])
            seen[name] = line
            yield from ((each, line if each == (*path, name) else at) for each, at in _walk(file, value, (*path, name)))
