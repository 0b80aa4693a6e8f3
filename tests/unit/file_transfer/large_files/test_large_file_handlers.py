"""The three functions of the machine for large files: what they take, what they answer, which errors they raise."""

from __future__ import annotations

from typing import Any

import pytest

from file_transfer import complete_copy, copy_parts, plan_copy
from file_transfer.errors import PermissionDenied, UploadGone
from tests.unit.fake_s3 import error
from tests.unit.file_transfer.large_files.test_steps import World
from tests.unit.file_transfer.test_copying import target


class Context:
    """Of an invocation with plenty of time."""

    def get_remaining_time_in_millis(self) -> int:
        return 600_000


@pytest.fixture
def world(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(dynamodb)
    for module in (plan_copy, copy_parts, complete_copy):
        monkeypatch.setattr(module, "steps", lambda: made.steps)
    return made


def order(world: World) -> dict[str, Any]:
    return {"transfer": world.transfer, "target": target(), "operation": "0123456789abcdef-s3-r0-0"}


def test_a_file_goes_through_the_three_functions(world: World) -> None:
    plan = plan_copy.handler(order(world), None)
    for batch in plan["batches"]:
        event = {**order(world), "upload": plan["upload"], **batch}
        assert copy_parts.handler(event, Context())["copied"] > 0
    outcome = complete_copy.handler({"action": "COMPLETE", **order(world), "upload": plan["upload"]}, None)
    assert outcome["state"] == "SUCCEEDED"
    assert plan_copy.handler(order(world), None) == {"action": "SETTLED", "outcome": outcome}


def test_what_is_given_up_for_good_is_freed(world: World) -> None:
    plan_copy.handler(order(world), None)
    event = {"action": "GIVE_UP", **order(world), "reason": "PERMISSION_DENIED"}
    assert complete_copy.handler(event, None) == {}
    assert world.s3.uploads == {}


def test_errors_keep_the_names_that_the_machine_knows(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_copy.handler(order(world), None)
    world.s3.uploads.clear()
    with pytest.raises(UploadGone):
        copy_parts.handler({**order(world), "upload": plan["upload"], "first": 1, "last": 4}, Context())

    def refuse(_task: Any) -> None:
        raise error(400, "AccessDeniedException", "GetItem")

    monkeypatch.setattr(world.uploads, "find", refuse)
    with pytest.raises(PermissionDenied):
        plan_copy.handler(order(world), None)
