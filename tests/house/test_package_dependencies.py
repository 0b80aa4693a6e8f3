"""Packages of file transfer depend on each other in one direction.

Below are definitions (`workflows`), then what is known of transfers (`records`), then what takes them in (`intake`).
Whatever does something with a transfer stands above them, and the API above all. Handlers may use everything; what
several packages need and none of them owns is in `shared`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tools.paths import ROOT as REPOSITORY

ROOT = REPOSITORY / "lambda_src" / "file_transfer"
#: Modules beside the handlers that every package may use. They use no package.
COMMON = frozenset({"errors", "observe", "settings"})
#: Package → packages that it may import.
ALLOWED: Mapping[str, frozenset[str]] = {
    "workflows": frozenset(),
    "records": frozenset({"workflows"}),
    "identity": frozenset({"workflows"}),
    "archive": frozenset({"records"}),
    "analytics": frozenset({"records"}),
    "intake": frozenset({"workflows", "records"}),
    "notifications": frozenset({"workflows", "records"}),
    "expectations": frozenset({"workflows", "records", "notifications"}),
    "copying": frozenset({"workflows", "records", "intake"}),
    "content": frozenset({"workflows", "records", "intake"}),
    "sweep": frozenset({"workflows", "records", "intake"}),
    "replays": frozenset({"workflows", "records", "intake"}),
    "large_files": frozenset({"intake", "copying"}),
    "connectors": frozenset({"workflows", "records", "intake", "copying"}),
    "api": frozenset({"workflows", "records", "intake", "replays", "expectations", "notifications"}),
}


def imported(code: str) -> set[str]:
    """What is named behind `file_transfer.` in the imports of a module."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        names: Iterable[str] = ()
        if isinstance(node, ast.Import):
            names = (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = (f"{node.module}.{each.name}" for each in node.names)
        found |= {name.split(".")[1] for name in names if name.startswith("file_transfer.")}
    return found


def wrong(place: str, code: str) -> Iterator[str]:
    """Imports that a module at this place (`records/audit.py`) must not have."""
    package, slash, _ = place.partition("/")
    allowed = COMMON | ALLOWED[package] | {package} if slash else COMMON
    yield from (f"{place} imports {name}" for name in sorted(imported(code) - allowed))


def modules() -> Iterator[Path]:
    """Those in packages, and those that all packages may use."""
    yield from ROOT.glob("*/*.py")
    yield from (ROOT / f"{name}.py" for name in COMMON)


def test_every_package_has_its_place() -> None:
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} == set(ALLOWED)


def test_the_allowed_directions_have_no_circle() -> None:
    try:
        TopologicalSorter(ALLOWED).prepare()
    except CycleError as error:
        pytest.fail(f"packages in a circle: {error.args[1]}")


def test_packages_import_only_what_lies_below_them() -> None:
    found = [each for path in modules() for each in wrong(str(path.relative_to(ROOT)), path.read_text())]
    assert not found, "\n".join(sorted(found))


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("records/audit.py", "from file_transfer.intake.messages import Delivery"),
        ("records/audit.py", "def late():\n    import file_transfer.api.views"),
        ("workflows/lookup.py", "from file_transfer import records"),
        ("intake/taking.py", "from file_transfer.validate_input import handler"),
        ("errors.py", "from file_transfer.workflows import targets"),
    ],
)
def test_a_wrong_direction_is_seen(place: str, code: str) -> None:
    assert len(list(wrong(place, code))) == 1
