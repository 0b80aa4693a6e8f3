"""The steps of a large copy: plan it, copy some of its parts, make the object of them, or give it up.

Each may be repeated, and may be made by two executions at once: what is there already is found and used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from file_transfer.copying.copier import guard
from file_transfer.copying.multipart import Multipart, Part
from file_transfer.copying.parts import Parts, batches, divide
from file_transfer.copying.placing import Condition, Outcome, Placing
from file_transfer.copying.task import CopyTask, task_of, with_properties
from file_transfer.errors import PERMANENT_CODES, UploadGone
from file_transfer.large_files.settings import LargeFileSettings
from file_transfer.large_files.uploads import Upload, Uploads

Payload = Mapping[str, Any]


@dataclass(frozen=True)
class Steps:
    """All raise the taxonomy's errors, and what botocore raises for the table."""

    settings: LargeFileSettings
    multipart: Multipart
    placing: Placing
    uploads: Uploads

    def plan(self, transfer: Payload, target: Payload) -> dict[str, Any]:
        """`{"action": "SETTLED", "outcome"}`, or `{"action": "COPY", "upload", "batches"}` of the missing parts."""
        task = task_of(transfer, target)
        guard(task, self.settings)
        task = with_properties(task, self.placing.objects)
        settled, _ = self.placing.look(task)
        if settled:
            self._drop(task, self.uploads.find(task))
            return {"action": "SETTLED", "outcome": _answer(task, settled)}
        upload, there = self._upload(task)
        numbers = Parts(task.size, upload.part_bytes).numbers
        missing = sorted(set(numbers) - {part["PartNumber"] for part in there})
        return {
            "action": "COPY",
            "upload": {"id": upload.id, "partBytes": upload.part_bytes, "checksum": task.checksum},
            "batches": batches(missing, self.settings.batch_parts),
        }

    def copy(self, event: Payload, seconds_left: Callable[[], float]) -> int:
        """Copies what is missing between the parts `first` and `last`. How many that were."""
        task, upload = _resumed(event)
        first, last = event["first"], event["last"]
        there = {part["PartNumber"] for part in self.multipart.listed(task, upload.id, first, last)}
        missing = [number for number in range(first, last + 1) if number not in there]
        self.multipart.copy(task, upload.id, Parts(task.size, upload.part_bytes), missing, seconds_left)
        return len(missing)

    def complete(self, event: Payload) -> dict[str, Any]:
        """The outcome: `state`, `reason`, `receipt`. Raises UploadGone when the copy has to be planned again."""
        task, upload = _resumed(event)
        settled, condition = self.placing.look(task)
        outcome = settled or self.placing.place(task, lambda wanted: self._write(task, upload, wanted), condition)
        self._drop(task, None if outcome.state == "SUCCEEDED" and not outcome.adopted else upload)
        return _answer(task, outcome)

    def give_up(self, event: Payload) -> None:
        """Frees the parts of a copy that will not be tried again; others are left for the next attempt."""
        task = task_of(event["transfer"], event["target"])
        if event["reason"] in PERMANENT_CODES:
            self._drop(task, self.uploads.find(task))

    def _upload(self, task: CopyTask) -> tuple[Upload, list[Part]]:
        """The upload to go on with, or a new one, and the parts that it has."""
        noted = self.uploads.find(task)
        if noted:
            try:
                return noted, self.multipart.listed(task, noted.id)
            except UploadGone:
                pass
        wished = divide(task.size, self.settings.part_bytes).part_bytes
        own = Upload(self.multipart.create(task), wished)
        kept = self.uploads.keep(task, own, noted)
        if kept != own:
            self.multipart.abort(task, own.id)
            return kept, self.multipart.listed(task, kept.id)
        return own, []

    def _write(self, task: CopyTask, upload: Upload, condition: Condition) -> Outcome | None:
        """The completion. An upload that is gone may be so because its object was made and the answer was lost."""
        try:
            there = self.multipart.listed(task, upload.id)
        except UploadGone:
            made = self.placing.made_after_all(task)
            if made:
                return made
            raise
        count = len(Parts(task.size, upload.part_bytes).numbers)
        if len(there) != count:
            raise UploadGone(f"copy to {task.uri}: the upload has {len(there)} of {count} parts")
        return self.multipart.complete(task, upload.id, there, condition, self.placing)

    def _drop(self, task: CopyTask, upload: Upload | None) -> None:
        """Frees what an upload holds, and forgets it."""
        if upload:
            self.multipart.abort(task, upload.id)
        self.uploads.forget(task)


def _resumed(event: Payload) -> tuple[CopyTask, Upload]:
    """The task with the checksum that its plan saw, and its upload."""
    task = task_of(event["transfer"], event["target"])
    upload = event["upload"]
    return replace(task, source={**task.source, "checksum": upload["checksum"]}), Upload(
        upload["id"], upload["partBytes"]
    )


def _answer(task: CopyTask, outcome: Outcome) -> dict[str, Any]:
    """An outcome as the intake's outcome messages carry it; what is empty is left out."""
    receipt: dict[str, Any] = {}
    if outcome.state == "SUCCEEDED":
        named = {"etag": outcome.etag, "checksum": outcome.checksum, "versionId": outcome.version_id}
        receipt = {**{name: value for name, value in named.items() if value}, "bytes": task.size}
    parts = {"state": outcome.state, "reason": outcome.reason, "receipt": receipt}
    return {name: value for name, value in parts.items() if value}
