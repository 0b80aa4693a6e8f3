"""How modules are brought to Terraform, and what is read from its answers."""

from __future__ import annotations

import json
from pathlib import Path

from tools.terraform_tests import PASSED, declared_runs, read_report
from tools.terraform_workspace import LOCK, copy_sources


def event(**fields: object) -> str:
    """One line of `terraform test -json`."""
    return json.dumps({"@level": "info", **fields})


def run_event(run: str, status: str, progress: str) -> str:
    """The event of a run block that begins or ends."""
    return event(
        type="test_run", test_run={"path": "tests/a.tftest.hcl", "run": run, "status": status, "progress": progress}
    )


def test_the_last_word_about_a_run_is_its_status() -> None:
    # Given a run that passes and one that has not ended
    lines = [
        run_event("one", "pending", "starting"),
        run_event("one", "pass", "complete"),
        run_event("two", "pending", "starting"),
    ]

    # When the answer is read, with a line that is no event before it
    report = read_report("\n".join(["Warning: not JSON", *lines]))

    # Then only the one that ended has a status
    assert report.statuses == {("a.tftest.hcl", "one"): PASSED}


def test_a_failed_run_is_explained_with_its_own_complaint() -> None:
    place = {"filename": "tests/a.tftest.hcl", "start": {"line": 7}}
    complaint = {"summary": "Test assertion failed", "detail": "It is another name.", "range": place}
    report = read_report(
        "\n".join(
            [
                run_event("one", "fail", "complete"),
                event(
                    type="diagnostic",
                    diagnostic=complaint,
                    **{"@level": "error", "@testfile": "tests/a.tftest.hcl", "@testrun": "one"},
                ),
            ]
        )
    )
    assert report.statuses["a.tftest.hcl", "one"] == "fail"
    assert report.explanation("a.tftest.hcl", "one") == (
        "tests/a.tftest.hcl:7: Test assertion failed\nIt is another name."
    )


def test_a_run_that_never_began_is_explained_by_what_stopped_the_module() -> None:
    broken = {"summary": "Unsupported argument", "detail": "", "range": None}
    report = read_report(event(type="diagnostic", diagnostic=broken, **{"@level": "error"}))
    assert report.explanation("a.tftest.hcl", "one") == "Unsupported argument"


def test_runs_are_found_in_the_order_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/b.tftest.hcl").write_text('run "third" {}\n')
    (tmp_path / "tests/a.tftest.hcl").write_text('variables {\n  x = 1\n}\nrun "first" {}\nrun "second" {}\n')
    assert declared_runs(tmp_path) == [("a.tftest.hcl", "first"), ("a.tftest.hcl", "second"), ("b.tftest.hcl", "third")]


def test_the_copy_of_the_modules_follows_them(tmp_path: Path) -> None:
    # Given a copy that Terraform has put a lock into
    root, work = tmp_path / "root", tmp_path / "work"
    module = root / "modules/x"
    module.mkdir(parents=True)
    (module / "main.tf").write_text("locals {}\n")
    (module / "old.tf").write_text("locals {}\n")
    copy = copy_sources(root, work)
    (copy / "x" / LOCK).touch()

    # When a file goes, another one changes, and traces of Terraform are left beside the module
    (module / "old.tf").unlink()
    (module / "main.tf").write_text("# changed\n")
    (module / ".terraform").mkdir()
    (module / ".terraform/modules.json").touch()
    copy_sources(root, work)

    # Then so does the copy, and its lock stays
    files = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()}
    assert files == {"x/main.tf", f"x/{LOCK}"}
    assert (copy / "x/main.tf").read_text() == "# changed\n"
