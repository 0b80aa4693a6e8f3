"""A copy in parts: the calls of one multipart upload whose parts S3 copies by itself.

No byte passes here. The parts are pinned to the source's version and entity tag; completing names the size and, where
the source has one, its CRC64NVME, so S3 itself verifies the whole object before it exists. The same part may be copied
any number of times, by any number of workers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from file_transfer.copying.copy_request import source_arguments, target_arguments
from file_transfer.copying.failures import copy_error
from file_transfer.copying.parts import Parts
from file_transfer.copying.placing import Condition, Outcome, Placing, compare_checksums
from file_transfer.copying.task import CopyTask
from file_transfer.errors import SourceGone, Timeout, UploadGone
from file_transfer.workflows.arrival import bare_etag
from shared.aws_errors import error_code, http_status, is_ambiguous
from shared.clients import PART_CONNECTIONS
from shared.side_by_side import side_by_side

PRECONDITION_FAILED = 412
#: 409: another write is under way. Whether the upload outlives that is asked before anything else is done with it.
CONFLICT = 409
#: A part that is not begun so long before the invocation ends could not be brought to its end; a tenth of a short one.
RESERVE_SECONDS = 20.0
Part = dict[str, Any]


@dataclass(frozen=True)
class Multipart:
    """`s3` must be a client that never retries by itself, `s3_parts` one that does, with many connections."""

    s3: Any
    s3_parts: Any

    def create(self, task: CopyTask) -> str:
        """A new upload's id. One whose answer gets lost is left to the bucket's lifecycle rule; it holds nothing."""
        try:
            answer = self.s3.create_multipart_upload(**target_arguments(task), ChecksumType="FULL_OBJECT")
        except (ClientError, BotoCoreError) as error:
            raise copy_error(error, task.uri) from error
        return str(answer["UploadId"])

    def copy(
        self, task: CopyTask, upload_id: str, parts: Parts, numbers: Sequence[int], seconds_left: Callable[[], float]
    ) -> list[Part]:
        """Copies these parts, many at a time. Raises Timeout when too little time is left to begin another one."""
        reserve = min(RESERVE_SECONDS, seconds_left() / 10)

        def copy_part(number: int) -> Part:
            if seconds_left() < reserve:
                raise Timeout(f"copy to {task.uri}: part {number} of {len(parts.numbers)} has no time left")
            return self._copy_part(task, upload_id, parts, number)

        return side_by_side(copy_part, numbers, at_once=PART_CONNECTIONS, many=2)

    def listed(self, task: CopyTask, upload_id: str, first: int = 1, last: int = 0) -> list[Part]:
        """The parts that are there, from `first` to `last` (0: to the end). Raises UploadGone."""
        place = {"Bucket": task.target["bucket"], "Key": task.target["key"], "UploadId": upload_id}
        found: list[Part] = []
        try:
            for page in self.s3_parts.get_paginator("list_parts").paginate(**place, PartNumberMarker=first - 1):
                found += [_part(each["PartNumber"], each) for each in page.get("Parts", [])]
                if last and found and found[-1]["PartNumber"] >= last:
                    break
        except (ClientError, BotoCoreError) as error:
            raise copy_error(error, task.uri) from error
        return [each for each in found if not last or each["PartNumber"] <= last]

    def complete(
        self, task: CopyTask, upload_id: str, copied: Iterable[Part], condition: Condition, placing: Placing
    ) -> Outcome | None:
        """The object, or None when its condition kept it from being made."""
        arguments: dict[str, Any] = {
            "Bucket": task.target["bucket"],
            "Key": task.target["key"],
            "UploadId": upload_id,
            "MultipartUpload": {"Parts": sorted(copied, key=lambda each: each["PartNumber"])},
            "ChecksumType": "FULL_OBJECT",
            "MpuObjectSize": task.size,
            **condition,
        }
        if task.checksum:
            arguments["ChecksumCRC64NVME"] = task.checksum
        try:
            answer = self.s3.complete_multipart_upload(**arguments)
        except (ClientError, BotoCoreError) as error:
            return _after_failure(error, task, placing)
        checksum = answer.get("ChecksumCRC64NVME", "")
        compare_checksums(task, checksum)
        return Outcome("SUCCEEDED", "", bare_etag(answer.get("ETag")) or "", checksum, answer.get("VersionId", ""))

    def abort(self, task: CopyTask, upload_id: str) -> None:
        """Frees what the parts take. If that fails, the bucket's lifecycle rule does it some days later."""
        try:
            self.s3.abort_multipart_upload(Bucket=task.target["bucket"], Key=task.target["key"], UploadId=upload_id)
        except (ClientError, BotoCoreError):
            return

    def _copy_part(self, task: CopyTask, upload_id: str, parts: Parts, number: int) -> Part:
        arguments = {
            "Bucket": task.target["bucket"],
            "Key": task.target["key"],
            "UploadId": upload_id,
            "PartNumber": number,
            "CopySourceRange": parts.range_of(number),
            **source_arguments(task),
        }
        try:
            answer = self.s3_parts.upload_part_copy(**arguments)
        except (ClientError, BotoCoreError) as error:
            if isinstance(error, ClientError) and http_status(error) == PRECONDITION_FAILED:
                raise SourceGone(f"copy to {task.uri}: the source is not what was claimed any more") from error
            raise copy_error(error, task.uri) from error
        return _part(number, answer["CopyPartResult"])


def _part(number: int, described: Mapping[str, Any]) -> Part:
    """A part as CompleteMultipartUpload names it."""
    part = {"PartNumber": number, "ETag": described["ETag"]}
    checksum = described.get("ChecksumCRC64NVME")
    return part | ({"ChecksumCRC64NVME": checksum} if checksum else {})


def _after_failure(error: ClientError | BotoCoreError, task: CopyTask, placing: Placing) -> Outcome | None:
    """What a failed completion comes to: the object after all, None for a lost condition, or the error raised."""
    code = error_code(error) if isinstance(error, ClientError) else ""
    status = http_status(error) if isinstance(error, ClientError) else 0
    if status == PRECONDITION_FAILED or code == "NoSuchKey":  # NoSuchKey: the target that was to be replaced is gone
        return None
    if status == CONFLICT:
        raise UploadGone(f"copy to {task.uri}: another write of the target is under way") from error
    if code == "NoSuchUpload" or is_ambiguous(error):
        made = placing.made_after_all(task)
        if made:
            return made
    raise copy_error(error, task.uri) from error
