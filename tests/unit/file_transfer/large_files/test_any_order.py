"""Whatever order the steps of two executions come in, and whatever fails: one object, and nothing left of uploads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from file_transfer.copying import multipart
from file_transfer.copying.task import CopyTask
from file_transfer.errors import TowpathError
from file_transfer.large_files.uploads import Upload, Uploads, key_of
from tests.unit.fake_s3 import Version
from tests.unit.file_transfer.large_files.test_steps import BODY, World, plenty
from tests.unit.file_transfer.test_copying import TARGET_KEY, target, transfer_of
from tests.unit.given import ARCHIVE, KEY, LANDING

FAULTS = st.lists(st.sampled_from(["", "", "lost", "down", "conflict"]), max_size=2)


class Notes(Uploads):
    """Keeps the conditions of the real ones, which test_steps has against a table."""

    def __init__(self) -> None:
        self.noted: dict[str, Upload] = {}

    def find(self, task: CopyTask) -> Upload | None:
        return self.noted.get(key_of(task)["PK"])

    def keep(self, task: CopyTask, upload: Upload, instead_of: Upload | None) -> Upload:
        there = self.find(task)
        if there in (None, instead_of):
            self.noted[key_of(task)["PK"]] = upload
            return upload
        assert there is not None
        return there

    def forget(self, task: CopyTask) -> None:
        self.noted.pop(key_of(task)["PK"], None)


@pytest.fixture(autouse=True, scope="module")
def one_after_the_other() -> Iterator[None]:
    """Threads would let other parts fail each time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(multipart, "side_by_side", lambda call, values, **_: [call(value) for value in values])
        yield


class Execution:
    """Walks the machine's states one at a time; a failed step is repeated, a lost upload planned again."""

    def __init__(self, world: World, version: Version) -> None:
        self.world, self.transfer = world, transfer_of(version)
        self.plan: dict[str, Any] = {}
        self.batches: list[dict[str, int]] = []
        self.outcome: dict[str, Any] = {}

    def step(self) -> None:
        try:
            self._step()
        except TowpathError as failure:
            assert failure.retriable, failure
            if failure.code == "UPLOAD_GONE":
                self.plan = {}

    def _step(self) -> None:
        if not self.plan:
            self.plan = self.world.steps.plan(self.transfer, target())
            self.batches = list(self.plan.get("batches", []))
            self.outcome = self.plan.get("outcome", {})
            return
        event = {"transfer": self.transfer, "target": target(), "upload": self.plan["upload"]}
        if self.batches:
            self.world.steps.copy({**event, **self.batches[0]}, plenty)
            self.batches.pop(0)
        else:
            self.outcome = self.world.steps.complete(event)


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_two_versions_and_two_executions_of_each_in_any_order(data: st.DataObject) -> None:
    # Given two versions of a file, each copied by two executions
    world, notes = World(None), Notes()
    world.steps = replace(world.steps, uploads=notes)
    newer = world.s3.put(LANDING, KEY, BODY[::-1])
    executions = [Execution(world, version) for version in (world.version, newer) for _ in range(2)]
    # When their steps come in any order, some of them with faults, and uploads vanish
    for _ in range(data.draw(st.integers(0, 40))):
        left = [each for each in executions if not each.outcome]
        if not left:
            break
        world.s3.complete_faults = data.draw(FAULTS)
        world.s3.part_faults = data.draw(st.lists(st.sampled_from(["", "down"]), max_size=3))
        if world.s3.uploads and data.draw(st.integers(0, 9)) == 0:
            world.s3.uploads.pop(data.draw(st.sampled_from(sorted(world.s3.uploads))))
        data.draw(st.sampled_from(left)).step()
    world.s3.complete_faults, world.s3.part_faults = [], []
    for execution in executions:
        while not execution.outcome:
            execution.step()
    # Then each ended well, the newer version is what stays, each was made at most once, and nothing is left
    written = [each.body for each in world.s3.objects[ARCHIVE, TARGET_KEY]]
    assert written in ([BODY, BODY[::-1]], [BODY[::-1]])
    assert {each.outcome["state"] for each in executions[2:]} == {"SUCCEEDED"}
    skipped = {"state": "SKIPPED", "reason": "NEWER_EXISTS"}
    assert all(each.outcome == skipped or each.outcome["state"] == "SUCCEEDED" for each in executions[:2])
    assert world.s3.uploads == {}
    assert notes.noted == {}
