"""Rules for all tracked files: nothing of one machine, locks that agree, make targets that explain themselves."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tools.paths import ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PIN = re.compile(r"^([a-z0-9.-]+)==([^ ;\\]+)", re.MULTILINE)

# Written in parts, so that this file does not hold what it looks for.
PATHS_OF_A_MACHINE = [
    "/" + path for path in ("work/", "root/", "home/[a-z]+/", "Users/[A-Za-z]+/", "opt/tf-", "opt/wheels")
]
PACKAGE_HOSTS = [r"\b" + host for host in ("pypi" + r"\.org", "pythonhosted" + r"\.org", "npmjs" + r"\.(org|com)")]
FOREIGN = re.compile("|".join([rf"(?<![\w.}}\])>/-]){path}" for path in PATHS_OF_A_MACHINE] + PACKAGE_HOSTS))


def tracked() -> list[Path]:
    """Files that git tracks or would track."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


def test_nothing_tracked_names_a_machine_or_a_package_host() -> None:
    found = {}
    for path in tracked():
        text = path.read_bytes().decode("utf-8", errors="ignore")
        if hits := sorted({match.group() for match in FOREIGN.finditer(text)}):
            found[str(path.relative_to(ROOT))] = hits
    assert found == {}


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("see /" + "root/x", True),
        ('"/' + 'work/main"', True),
        ("https://pypi" + ".org/simple", True),
        ("s3://bucket/" + "work/file", False),
        ("${path.root}/" + "work/x", False),
        ("local/" + "home/user/x", False),
    ],
)
def test_what_counts_as_a_machine_s(text: str, foreign: bool) -> None:
    assert bool(FOREIGN.search(text)) is foreign


def test_tracked_files_are_small() -> None:
    """Nothing built or downloaded is committed."""
    assert {str(path.relative_to(ROOT)): size for path in tracked() if (size := path.stat().st_size) > 400_000} == {}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_pin_has_a_hash_and_no_lock_an_index(lock: Path) -> None:
    text = lock.read_text()
    pinned = re.split(r"\n(?=[a-z])", text)
    assert [entry for entry in pinned if "--hash=sha256:" not in entry] == []
    assert re.findall(r"^\s*--(?:extra-)?(?:index|find).*", text, re.MULTILINE) == []


@pytest.mark.parametrize("lock", ["lambda.txt", "lambda-content.txt", "lambda-python.txt"])
def test_the_local_cloud_runs_what_lambda_runs(lock: str) -> None:
    """Handlers are tested with the versions that their layer and runtime carry."""
    tested = dict(PIN.findall((ROOT / "requirements/dev.txt").read_text()))
    deployed = dict(PIN.findall((ROOT / "requirements" / lock).read_text()))
    assert deployed
    assert {name: version for name, version in deployed.items() if tested.get(name) != version} == {}


def test_help_lists_every_target() -> None:
    # Given the targets that the Makefile declares
    text = (ROOT / "Makefile").read_text()
    declared = set(re.findall(r"^\.PHONY: ([a-z0-9-]+)", text, re.MULTILINE)) - {"python-version", "terraform-present"}

    # When help is asked for
    shown = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout

    # Then each is there with its purpose
    assert set(re.findall(r"^  make ([a-z0-9-]+) +\S", shown, re.MULTILINE)) == declared


def test_every_skipped_checkov_check_says_why() -> None:
    lines = (ROOT / ".checkov.yaml").read_text().split("skip-check:\n")[1].splitlines()
    for above, line in zip(["", *lines], lines, strict=False):
        assert line.lstrip().startswith("#") or above.lstrip().startswith("#"), line


def test_ci_runs_what_a_developer_runs() -> None:
    script = ROOT / ".ci/run"
    assert script.stat().st_mode & 0o111
    assert script.read_text().splitlines()[-1] == "make test"
