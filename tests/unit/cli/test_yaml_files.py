"""YAML files whose values know their lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from towpath.errors import Invalid
from towpath.yaml_files import Located, load


def read(home: Path, text: str) -> Located:
    file = Path("plan.yaml")
    (home / file).write_text(text, encoding="utf-8")
    return load(file)


TEXT = """\
name: Bank
waves:
  - name: one
    servers:
      - sourceServerId: s-1
      - {sourceServerId: s-2,
         criticality: OPTIONAL}
  # a comment
  - name: two
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("$", 1),
        ("$.name", 1),
        ("$.waves", 2),
        ("$.waves[0]", 3),
        ("$.waves[0].servers[0].sourceServerId", 5),
        ("$.waves[0].servers[1].criticality", 7),
        ("$.waves[1]", 9),
        ("$.waves[1].name", 9),
        ("$.waves[1].servers", 9),
        ("$.waves[1].pause.deadlineSeconds", 9),
        ("$.objectives.rtoSeconds", 1),
        ("$['odd name']", 1),
    ],
)
def test_a_path_has_the_line_of_itself_or_of_what_is_around_it(home: Path, path: str, line: int) -> None:
    assert read(home, TEXT).line(path) == line


def test_a_place_can_be_jumped_to(home: Path) -> None:
    assert read(home, TEXT).place("$.waves[1].name") == "plan.yaml:9 $.waves[1].name"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02", "2026-01-02"),
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("false", False),
        ("012345678901", "012345678901"),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        ("0x1f", "0x1f"),
        ("42", 42),
        ("-7", -7),
        ("1.5", 1.5),
        ("~", None),
        ("", None),
        ("'42'", "42"),
    ],
)
def test_scalars_are_read_as_yaml_1_2_reads_them(home: Path, text: str, value: object) -> None:
    found = read(home, f"key: {text}\n").value["key"]

    assert found == value and type(found) is type(value)


def test_anchors_work(home: Path) -> None:
    assert read(home, "a: &x [1]\nb: *x\n").value == {"a": [1], "b": [1]}


def test_json_is_yaml(home: Path) -> None:
    assert read(home, '{"name": "Bank",\n "waves": []}').line("$.waves") == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: [\n", "plan.yaml:3"),
        ("a: 1\nb: 2\na: 3\n", "plan.yaml:3 $.a"),
        ("a: !!python/object/apply:os.system [ls]\n", "could not determine a constructor"),
        ("a: 1\n---\nb: 2\n", "single document"),
    ],
)
def test_what_cannot_be_read_says_where(home: Path, text: str, said: str) -> None:
    with pytest.raises(Invalid) as raised:
        read(home, text)

    assert said in " ".join(" ".join(pair) for pair in raised.value.problems)


def test_an_empty_file_and_a_missing_one_are_refused(home: Path) -> None:
    with pytest.raises(Invalid, match="empty"):
        read(home, "# nothing\n")
    with pytest.raises(Invalid, match="cannot be read"):
        load(home / "none.yaml")
