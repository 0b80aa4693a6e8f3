"""`towpath audit verify`: what a person and a script see of a whole and of a broken trail."""

from __future__ import annotations

import json
from pathlib import Path

from tests.unit.cli.conftest import Run
from tests.unit.file_transfer.archive.archive_world import Archive, trail


def copy_of(tmp_path: Path) -> Path:
    archive = Archive()
    archive.export(*trail("a.csv", 2))
    archive.seal(hours=2)
    return archive.copy_to(tmp_path / "copy")


def test_a_whole_trail(run: Run, tmp_path: Path) -> None:
    done = run("audit", "verify", str(copy_of(tmp_path)))
    assert done.exit_code == 0
    assert "1 hours, 2026-03-01T20 to 2026-03-01T20" in done.stdout
    assert "Nothing was edited" in done.stdout


def test_a_broken_trail_ends_with_1_and_names_the_place(run: Run, tmp_path: Path) -> None:
    folder = copy_of(tmp_path)
    [path] = (folder / "audit").rglob("*.jsonl")
    path.write_text(path.read_text().replace("RETRYING", "SUCCESS"))
    done = run("audit", "verify", str(folder), "--json")
    assert done.exit_code == 1
    assert {each["kind"] for each in json.loads(done.stdout)["findings"]} == {"EDITED"}
    assert "wrong with the trail" in done.stderr


def test_a_folder_that_is_no_copy(run: Run, tmp_path: Path) -> None:
    done = run("audit", "verify", str(tmp_path))
    assert done.exit_code == 2
    assert "aws s3 sync" in done.stderr
