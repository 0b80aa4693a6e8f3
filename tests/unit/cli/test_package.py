"""The package that `pip install ./cli` makes has all that the command line uses."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.paths import ROOT

CLI = ROOT / "cli"
PROJECT: dict[str, Any] = tomllib.loads((CLI / "pyproject.toml").read_text())
#: What a package is called where its import is called otherwise.
IMPORTED_AS = {"pyyaml": "yaml", "aws-lambda-powertools": "aws_lambda_powertools", "google-re2": "re2"}
#: Come with boto3 and jsonschema; for rehearsals, which need a checkout; for functions with a layer of their own.
BESIDE = {"botocore", "dateutil", "referencing", "local_cloud", "pysequoia", "argon2"}


def imports(path: Path) -> Iterator[str]:
    """Top-level names that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def test_it_carries_the_handlers_and_their_schemas() -> None:
    included = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]

    packages = {folder.parent.name for folder in (ROOT / "lambda_src").glob("*/__init__.py")}

    assert {f"../lambda_src/{name}": f"towpath/lambda_src/{name}" for name in packages}.items() <= included.items()
    assert included["../schemas"] == "towpath/lambda_src/shared/schemas"


def test_it_asks_for_what_is_imported() -> None:
    asked = {each.split(">")[0] for each in PROJECT["project"]["dependencies"]}
    trees = [CLI / "towpath", ROOT / "lambda_src"]
    used = {name for tree in trees for path in tree.rglob("*.py") for name in imports(path)}
    own = {"towpath", *(folder.parent.name for folder in (ROOT / "lambda_src").glob("*/__init__.py"))}

    assert used - set(sys.stdlib_module_names) - own - BESIDE == {IMPORTED_AS.get(name, name) for name in asked}


def test_the_checkout_has_the_command() -> None:
    shown = subprocess.run(
        [sys.executable, str(CLI / "launch.py"), "--version"], capture_output=True, text=True, check=True, timeout=60
    )

    assert shown.stdout.startswith("towpath, version ")
