"""The order of steps is a function of what is recorded: what is done stays done, what is overtaken is done anew."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quicksight_migration.records.job import Approval, Job, StepRun
from quicksight_migration.records.order import (
    FINALIZE,
    is_needed,
    next_step,
    original_backup,
    output_of,
    replans,
    slot_line_of,
    slot_lines_of,
)
from quicksight_migration.records.statuses import MIGRATION, ORDER, RESTORE, StepName, StepStatus
from tests.unit.quicksight_migration.job_world import HASH, SOURCE, TARGET

AT = "2026-01-02T03:04:05.000000Z"


def job(run_number: int = 1, approval: str = "", options: dict[str, Any] | None = None, **more: Any) -> Job:
    decided = Approval(decision=approval, by="user:bob", at=AT, plan_hash=HASH) if approval else None
    return Job(
        **{
            "job_id": "job-1",
            "run_number": run_number,
            "source_account_id": SOURCE,
            "source_region": "eu-west-1",
            "target_account_id": TARGET,
            "target_region": "us-east-1",
            "payload": {"options": options or {}},
            "approval_mode": "REQUIRED" if approval else "NONE",
            "approval": decided,
            "plan_hash": HASH,
            **more,
        }
    )


def run(step: str, revision: int, status: str = StepStatus.SUCCEEDED, attempt: int = 1, **more: Any) -> StepRun:
    ended = 0 if status == StepStatus.RUNNING else revision
    return StepRun(
        job_id="job-1",
        step=step,
        attempt=attempt,
        step_status=status,
        started_revision=revision - 1,
        ended_revision=ended,
        **more,
    )


def done(*steps: StepName, first: int = 3) -> list[StepRun]:
    return [run(step, first + index) for index, step in enumerate(steps)]


ALL = [step for step in ORDER if step != StepName.WAIT_FOR_APPROVAL]


@pytest.mark.parametrize("count", range(len(ALL)))
def test_the_first_step_that_is_not_done_is_next(count: int) -> None:
    assert next_step(job(), done(*ALL[:count])) == ALL[count]
    # Also while it runs, and when it has failed
    for status in (StepStatus.RUNNING, StepStatus.FAILED, StepStatus.CANCELLED):
        assert next_step(job(), [*done(*ALL[:count]), run(ALL[count], 20, status)]) == ALL[count]


def test_after_the_last_step_the_job_is_finished() -> None:
    assert next_step(job(), done(*ALL)) == FINALIZE
    skipped = [dataclasses.replace(each, step_status=StepStatus.SKIPPED) for each in done(*ALL[1:], first=4)]
    assert next_step(job(), [run(StepName.PREFLIGHT, 3), *skipped]) == FINALIZE


@pytest.mark.parametrize("failed", ALL[1:])
def test_a_retry_looks_at_the_accounts_anew_and_goes_on_where_it_failed(failed: StepName) -> None:
    before = ALL[: ALL.index(failed)]
    steps = [*done(*before), run(failed, 12, StepStatus.FAILED)]
    assert next_step(job(2), steps) == StepName.PREFLIGHT
    again = run(StepName.PREFLIGHT, 15, attempt=2, run_number=2)
    assert next_step(job(2), [*steps, again]) == failed


def test_what_preflight_missed_is_made_anew_with_all_that_follows() -> None:
    # Given a run that failed at the import, and a bundle that has expired since
    steps = [*done(*ALL[:5]), run(StepName.IMPORT_ASSETS, 9, StepStatus.FAILED)]
    again = run(StepName.PREFLIGHT, 12, attempt=2, run_number=2, output={"gone": ["UploadAssets"]})
    # Then it is uploaded again, and planned and backed up after that
    steps.append(again)
    for number, step in enumerate((StepName.UPLOAD_ASSETS, StepName.PLAN_IMPORT, StepName.BACKUP_TARGET)):
        assert next_step(job(2), steps) == step
        steps.append(run(step, 13 + number, attempt=2, run_number=2))
    assert next_step(job(2), steps) == StepName.IMPORT_ASSETS


def test_what_the_import_took_over_is_not_missed_after_it() -> None:
    steps = [*done(*ALL[:6]), run(StepName.UPDATE_PERMISSIONS, 10, StepStatus.FAILED)]
    gone = {"gone": ["ExportAssets", "UploadAssets", "PlanImport"]}
    steps.append(run(StepName.PREFLIGHT, 12, attempt=2, run_number=2, output=gone))
    assert next_step(job(2), steps) == StepName.UPDATE_PERMISSIONS


def test_a_target_that_drifted_is_planned_approved_and_backed_up_anew() -> None:
    # Given an approved plan that the import found stale
    decided = job(approval="APPROVED")
    steps = done(*ORDER[:6])
    steps.append(run(StepName.IMPORT_ASSETS, 10, StepStatus.CANCELLED, replan=True))
    assert replans(decided, steps) == 1 and replans(job(2), steps) == 0
    # Then every step from the plan on is begun again, once
    for number, step in enumerate((StepName.PLAN_IMPORT, StepName.WAIT_FOR_APPROVAL, StepName.BACKUP_TARGET)):
        assert next_step(decided, steps) == step
        steps.append(run(step, 11 + number, attempt=2))
    assert next_step(decided, steps) == StepName.IMPORT_ASSETS


@pytest.mark.parametrize(
    ("decision", "plan_hash", "following"),
    [
        ("APPROVED", HASH, StepName.BACKUP_TARGET),
        ("APPROVED", "cd" * 32, StepName.WAIT_FOR_APPROVAL),
        ("REJECTED", HASH, StepName.WAIT_FOR_APPROVAL),
    ],
)
def test_an_approval_is_of_one_plan_only(decision: str, plan_hash: str, following: str) -> None:
    steps = done(*ORDER[:5])
    assert next_step(job(approval=decision, plan_hash=plan_hash), steps) == following
    assert next_step(job(approval=decision, approval_mode="REQUIRED", plan_hash=HASH), []) == StepName.PREFLIGHT


def test_an_approval_that_nobody_recorded_is_none() -> None:
    assert next_step(job(approval_mode="REQUIRED"), done(*ORDER[:5])) == StepName.WAIT_FOR_APPROVAL


def test_jobs_leave_out_what_they_do_not_want() -> None:
    needed = {name: [step for step in ORDER if is_needed(each, step)] for name, each in JOBS.items()}
    assert needed["plan only"] == ["Preflight", "ExportAssets", "UploadAssets", "PlanImport"]
    assert needed["restore"] == [step for step in ORDER if step not in ("ExportAssets", "UploadAssets")]
    assert StepName.BACKUP_TARGET not in needed["no backup"]
    assert StepName.WAIT_FOR_APPROVAL not in needed["no approval"]
    assert next_step(JOBS["plan only"], done(*ORDER[:4])) == FINALIZE


JOBS = {
    "plan only": job(options={"planOnly": True}),
    "restore": job(type=RESTORE, approval_mode="SECOND_PERSON"),
    "no backup": job(options={"backup": False}, type=MIGRATION),
    "no approval": job(),
}


def test_bundle_jobs_stand_in_the_line_of_their_account_region_and_kind() -> None:
    lines = {step: slot_line_of(job(), step) for step in ORDER}
    assert {step: line for step, line in lines.items() if line} == {
        "ExportAssets": f"SLOT#{SOURCE}#eu-west-1#EXPORT",
        "BackupTarget": f"SLOT#{TARGET}#us-east-1#EXPORT",
        "ImportAssets": f"SLOT#{TARGET}#us-east-1#IMPORT",
    }
    assert slot_lines_of(job()) == sorted(line for line in lines.values() if line)


def test_a_restore_brings_back_what_was_there_before_the_job_first_touched_it() -> None:
    # Given a job that changed the target, was planned anew and backed up what it had made itself
    backups = [run(StepName.BACKUP_TARGET, 5), run(StepName.BACKUP_TARGET, 12, attempt=2)]
    imports = [run(StepName.IMPORT_ASSETS, 6, StepStatus.FAILED, target_state="UNKNOWN")]
    assert original_backup([*backups, *imports]) == backups[0]
    # But what left the target alone does not count
    untouched = dataclasses.replace(imports[0], target_state="UNTOUCHED")
    assert original_backup([*backups, untouched]) == backups[1]
    assert original_backup([backups[1], *imports]) is None


def test_the_newest_success_is_what_counts() -> None:
    steps = [
        run(StepName.PLAN_IMPORT, 3, output={"planKey": "one"}),
        run(StepName.PLAN_IMPORT, 5, attempt=2, output={"planKey": "two"}),
        run(StepName.PLAN_IMPORT, 7, StepStatus.FAILED, attempt=3),
    ]
    assert output_of(steps, StepName.PLAN_IMPORT) == {"planKey": "two"}
    assert output_of(steps, StepName.VERIFY_TARGET) == {}


STATUSES = st.sampled_from([StepStatus.SUCCEEDED, StepStatus.SKIPPED, StepStatus.FAILED, StepStatus.CANCELLED])


@st.composite
def histories(draw: st.DrawFn) -> tuple[Job, list[StepRun]]:
    """Any attempts in any order, also such as never happen."""
    length = draw(st.integers(0, 14))
    attempts: dict[str, int] = {}
    steps = []
    for revision in range(2, length + 2):
        step = draw(st.sampled_from(ORDER))
        attempts[step] = attempts.get(step, 0) + 1
        gone = draw(st.lists(st.sampled_from(ORDER[1:]), max_size=2, unique=True)) if step == ORDER[0] else []
        steps.append(
            run(
                step,
                revision,
                draw(STATUSES),
                attempts[step],
                run_number=draw(st.integers(1, 2)),
                replan=draw(st.booleans()) and step == StepName.IMPORT_ASSETS,
                output={"gone": gone},
            )
        )
    wanted = job(2, draw(st.sampled_from(["", "APPROVED"])), {"backup": draw(st.booleans())})
    return wanted, steps


@given(histories(), st.randoms())
def test_doing_what_is_next_comes_to_an_end_and_does_nothing_twice(
    history: tuple[Job, list[StepRun]], chance: Any
) -> None:
    # Given any history, in whatever order it is read
    wanted, steps = history
    chance.shuffle(steps)
    revision, order = 100, list(ORDER)
    begun: list[str] = []
    # When whatever is next succeeds, again and again
    while (step := next_step(wanted, steps)) != FINALIZE:
        number = max((each.attempt for each in steps if each.step == step), default=0) + 1
        steps.append(run(step, revision := revision + 1, attempt=number, run_number=2))
        begun.append(step)
        assert len(begun) <= len(ORDER), begun
    # Then each step ran once at most, and in their order
    assert begun == sorted(set(begun), key=order.index)
