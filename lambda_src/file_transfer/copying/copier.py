"""One copy of one version to one target, within one invocation.

Up to `copy_object_bytes` one CopyObject does it, above it many UploadPartCopy. Either way the write at the end is
conditional, and placing.py says what is done where it is refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from file_transfer.copying.copy_request import copy_arguments
from file_transfer.copying.failures import copy_error
from file_transfer.copying.multipart import Multipart
from file_transfer.copying.parts import divide
from file_transfer.copying.placing import Condition, Objects, Outcome, Placing, compare_checksums
from file_transfer.copying.task import CopyTask, task_of, with_properties
from file_transfer.errors import FileTooLarge, LoopGuard
from file_transfer.settings import Settings, WatchedBucket
from file_transfer.workflows.arrival import bare_etag
from shared.aws_errors import http_status, is_ambiguous

__all__ = ["Copier", "Outcome", "guard"]

#: 412: the condition on the target (or on the source) does not hold. 409: another write is under way.
CONFLICTS = (412, 409)


class Bounds(Protocol):
    """What settings say of where and how much may be copied."""

    @property
    def watched(self) -> WatchedBucket: ...
    @property
    def max_copy_bytes(self) -> int: ...


@dataclass(frozen=True)
class Copier:
    """`s3` must be a client that never retries by itself; `s3_parts`, for large files, one that does."""

    settings: Settings
    s3: Any
    objects: Objects
    s3_parts: Any = None

    def copy(
        self,
        transfer: Mapping[str, Any],
        target: Mapping[str, Any],
        seconds_left: Callable[[], float] = lambda: math.inf,
    ) -> Outcome:
        """Raises the taxonomy's errors; after any of them the same call may be made again without harm."""
        task = task_of(transfer, target)
        guard(task, self.settings)
        task = with_properties(task, self.objects)
        if task.size > self.settings.copy_object_bytes:
            return self._copy_in_parts(task, seconds_left)
        arguments = copy_arguments(task)
        return self._placing.place(task, lambda condition: self._copy_object(task, arguments | condition))

    @property
    def _placing(self) -> Placing:
        return Placing(self.objects)

    def _copy_object(self, task: CopyTask, arguments: dict[str, Any]) -> Outcome | None:
        """The copy, or None when a condition kept it from being made."""
        try:
            answer = self.s3.copy_object(**arguments)
        except (ClientError, BotoCoreError) as error:
            if isinstance(error, ClientError) and http_status(error) in CONFLICTS:
                return None
            if is_ambiguous(error):
                adopted = self._placing.made_after_all(task)
                if adopted:
                    return adopted
            raise copy_error(error, task.uri) from error
        result = answer.get("CopyObjectResult", {})
        checksum = result.get("ChecksumCRC64NVME", "")
        compare_checksums(task, checksum)
        return Outcome("SUCCEEDED", "", bare_etag(result.get("ETag")) or "", checksum, answer.get("VersionId", ""))

    def _copy_in_parts(self, task: CopyTask, seconds_left: Callable[[], float]) -> Outcome:
        """Begins by looking at the target: gigabytes are not moved to be refused at the end."""
        placing, multipart = self._placing, Multipart(self.s3, self.s3_parts or self.s3)
        settled, condition = placing.look(task)
        if settled:
            return settled
        parts = divide(task.size, self.settings.part_bytes)
        upload_id = multipart.create(task)
        outcome = None
        try:
            copied = multipart.copy(task, upload_id, parts, parts.numbers, seconds_left)

            def complete(wanted: Condition) -> Outcome | None:
                return multipart.complete(task, upload_id, copied, wanted, placing)

            outcome = placing.place(task, complete, condition)
        finally:
            if outcome is None or outcome.adopted or outcome.state != "SUCCEEDED":
                multipart.abort(task, upload_id)
        return outcome


def guard(task: CopyTask, bounds: Bounds) -> None:
    """Raises LoopGuard for a target where files arrive, FileTooLarge for more than the system is set to copy."""
    itself = (task.source["bucket"], task.source["key"]) == (task.target["bucket"], task.target["key"])
    if itself or bounds.watched.watches(task.target["bucket"], task.target["key"]):
        raise LoopGuard(f"{task.uri} lies where files arrive")
    if task.size > bounds.max_copy_bytes:
        raise FileTooLarge(f"{task.size} bytes; at most {bounds.max_copy_bytes} are copied")
