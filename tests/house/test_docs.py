"""What the documentation names exists: files, headings, make targets, tests."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest

from file_transfer import errors
from local_cloud.drs.control import routes as drs_routes
from local_cloud.gaps import GAPS
from local_cloud.quicksight.control import routes as quicksight_routes
from tools.asl_lint import scopes
from tools.paths import ASL, ROOT

FENCE = re.compile(r"^\s*```.*?^\s*```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
MAKE = re.compile(r"\bmake ([a-z][a-z0-9-]*)")
# Code in backticks that names a file or folder of the repository: it begins with one of the top folders.
PATH = re.compile(
    r"(?:asl|benchmarks|cli|docs|envs|examples|lambda_src|local_cloud|modules|requirements|schemas|tests|tools)/[\w./-]*"
)
TEST = re.compile(r"test_[a-z0-9_]+")

# Made by a command of the text around it, or an example that is not in the checkout.
MADE = {"envs/dev/file-transfer/terraform.tfvars", "envs/dev/file-transfer/artifacts.auto.tfvars.json"}


def documents() -> list[Path]:
    """Markdown files that git tracks or would track."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "*.md"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return sorted(ROOT / name for name in names if name and (ROOT / name).is_file())


def anchor(heading: str) -> str:
    """The fragment under which GitHub shows a heading."""
    plain = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
    return plain.replace(" ", "-")


def problem_of(document: Path, target: str) -> str | None:
    """What is wrong with a relative link, or None."""
    path, _, fragment = target.partition("#")
    found = (document.parent / path).resolve() if path else document
    if not found.exists():
        return f"{target}: no such file"
    if fragment and fragment not in {anchor(each) for each in HEADING.findall(FENCE.sub("", found.read_text()))}:
        return f"{target}: no such heading"
    return None


def code_of(document: Path) -> Iterator[str]:
    """Every piece of code in the running text, and every line of the shell examples."""
    text = document.read_text()
    yield from CODE.findall(FENCE.sub("", text))
    for block in FENCE.findall(text):
        if block.lstrip().startswith("```sh"):
            yield from block.splitlines()[1:-1]


DOCUMENTS = documents()
each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=[str(path.relative_to(ROOT)) for path in DOCUMENTS])


@each_document
def test_links_lead_somewhere(document: Path) -> None:
    targets = [each for each in LINK.findall(FENCE.sub("", document.read_text())) if "://" not in each]

    assert [problem for each in targets if (problem := problem_of(document, each))] == []


@each_document
def test_make_targets_exist(document: Path) -> None:
    declared = set(re.findall(r"^\.PHONY: ([a-z0-9-]+)", (ROOT / "Makefile").read_text(), re.MULTILINE))

    named = {target for code in code_of(document) for target in MAKE.findall(code.partition("#")[0])}

    assert named - declared == set()


@each_document
def test_files_exist(document: Path) -> None:
    named = {code for code in code_of(document) if PATH.fullmatch(code)}

    assert {code for code in named - MADE if not (ROOT / code).exists()} == set()


@each_document
def test_tests_exist(document: Path) -> None:
    """A promise that names its test is kept only as long as the test is there."""
    sources = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    defined = {*re.findall(r"^\s*def (test_\w+)", sources, re.MULTILINE)}

    named = {code for code in code_of(document) if TEST.fullmatch(code)}

    assert named - defined == set()


def rows(document: str) -> set[str]:
    """First cells of all table rows of a document, without backticks."""
    text = (ROOT / "docs" / document).read_text()
    return {
        cell.strip(" `├└")
        for line in text.splitlines()
        if line.startswith("|")
        for cell in line.split("|")[1].split(",")
    }


def test_every_state_is_described() -> None:
    definition = json.loads((ASL / "file_transfer.asl.json").read_text())

    states = {name for scope in scopes(definition) for name in scope["States"]} - {"Process Records"}

    assert states - rows("file-transfer.md") == set()


def test_every_failure_code_is_explained() -> None:
    # Given the codes of the taxonomy and those that a rule rejects with
    sources = "".join(path.read_text() for path in (ROOT / "lambda_src").rglob("*.py"))
    shared_or_own = [each for each in errors.TowpathError.__subclasses__() if each.__name__ in vars(errors)]
    taxonomy = {each.code for each in shared_or_own}
    rejections = set(re.findall(r'Rejection\(\s*"([A-Z_]+)"', sources))

    # Then an operator finds each with what to do about it
    assert len(rejections) > 5
    assert len(taxonomy) > 8
    assert (taxonomy | rejections | errors.PERMANENT_CODES) - rows("file-transfer.md") == set()


def test_every_request_to_the_local_cloud_is_described() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "local_cloud").rglob("*.py"))
    served = {
        f"{method} /_towpath/{path}" for method, path in re.findall(r'"(GET|POST|DELETE)", "([a-z][a-z/]*)"', sources)
    }

    served |= {f"{method} /_towpath/{path}" for method, path in [*drs_routes(Mock()), *quicksight_routes(Mock())]}

    described = {row.partition("?")[0] for row in rows("local-cloud.md")}

    assert served
    assert served - described == set()


def test_every_gap_of_the_local_cloud_is_described() -> None:
    gaps = {module.removeprefix("local_cloud.").replace(".", "/") for module in GAPS}

    described = rows("local-cloud.md")

    assert {gap for gap in gaps if not {gap, gap.rpartition("/")[0]} & described} == set()


def test_the_two_commands_are_in_the_readme() -> None:
    shown = {line.strip().split(" #")[0].strip() for line in (ROOT / "README.md").read_text().splitlines()}

    assert {"make demo", "make test"} <= shown


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("Error codes", "error-codes"),
        ("`endpoints.json`", "endpointsjson"),
        ("Promises, and the tests that show them", "promises-and-the-tests-that-show-them"),
    ],
)
def test_how_headings_become_anchors(heading: str, expected: str) -> None:
    assert anchor(heading) == expected
