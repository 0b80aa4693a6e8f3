"""The functions around planning: what they are called with and what they answer."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from quicksight_migration import drift_report, plan_import, preflight, update_permissions, verify_target
from quicksight_migration.records.memory_store import MemoryStore
from shared.errors import Throttled, Transient
from tests.unit.quicksight_migration.bundle_world import JOB, SOURCE
from tests.unit.quicksight_migration.planning_world import PERMISSIONS, PlanningWorld, payload


class Context:
    """Lambda's."""

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


def asked(world: PlanningWorld, module: ModuleType, monkeypatch: pytest.MonkeyPatch, event: dict[str, Any]) -> Any:
    monkeypatch.setattr(module, "worker_tools", lambda: world.tools)
    return module.handler(event, Context())  # type: ignore[attr-defined]


def step(name: str) -> dict[str, Any]:
    return {"jobId": JOB, "step": name, "attempt": 1, "progress": {}}


def test_preflight_answers_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = asked(PlanningWorld(), preflight, monkeypatch, step("Preflight"))

    assert answer["state"] == "SUCCEEDED"


def test_a_plan_is_made_and_checked_by_the_same_function(monkeypatch: pytest.MonkeyPatch) -> None:
    world = PlanningWorld()
    world.through("Preflight", "ExportAssets", "UploadAssets")

    answer = asked(world, plan_import, monkeypatch, step("PlanImport"))
    world._record("PlanImport", 1, answer)

    checked = asked(world, plan_import, monkeypatch, {"action": "check", "jobId": JOB})
    assert checked == {"drifted": False, "changes": [], "planHash": answer["output"]["planHash"]}


def test_permissions_and_verification_answer_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    world = PlanningWorld(payload=payload(permissions=PERMISSIONS))
    world.planned()
    world.through("BackupTarget", "ImportAssets")

    assert asked(world, update_permissions, monkeypatch, step("UpdatePermissions"))["output"]["assets"] == 7
    assert asked(world, verify_target, monkeypatch, step("VerifyTarget"))["output"]["counts"] == {"VERIFIED": 8}


def test_a_report_of_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    monkeypatch.setattr(drift_report, "report_store", lambda: store)

    answer = asked(PlanningWorld(), drift_report, monkeypatch, {})

    assert (answer["status"], answer["counts"]) == ("COMPLETED", {})


@pytest.mark.parametrize(("fault", "expected"), [("throttled", Throttled), ("down", Transient)])
def test_what_may_mend_is_raised_for_the_machine(
    monkeypatch: pytest.MonkeyPatch, fault: str, expected: type[Exception]
) -> None:
    world = PlanningWorld()
    world.calls[SOURCE].fault = lambda _operation, _number: fault

    with pytest.raises(expected):
        asked(world, preflight, monkeypatch, step("Preflight"))


def test_what_does_not_mend_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    world = PlanningWorld()
    event = {**step("Preflight"), "jobId": "job-44444444444444444444"}

    answer = asked(world, preflight, monkeypatch, event)

    assert (answer["state"], answer["error"]["code"]) == ("FAILED", "NOT_FOUND")
