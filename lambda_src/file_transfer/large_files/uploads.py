"""Which multipart upload a copy has, in the table FileTransferControl: a later attempt goes on with its parts.

The note belongs to the source's version and the target, not to an attempt, an execution or a claim. Parts come out the
same whoever copies them, and only one completion can meet the target's condition, so workers may share an upload.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from file_transfer.copying.task import CopyTask
from shared.canonical import sha256_hex
from shared.conditional import put_if
from shared.dynamodb import from_item, to_item

SORT_KEY = "UPLOAD"
KEY_DIGITS = 32


@dataclass(frozen=True)
class Upload:
    """Its id at S3, and the part size with which it was begun."""

    id: str
    part_bytes: int


def key_of(task: CopyTask) -> dict[str, str]:
    """Key of the note: the same for every attempt to bring this version to this target."""
    source, target = task.source, task.target
    names = (
        source["bucket"],
        source["key"],
        source.get("versionId", ""),
        source["etag"],
        target["bucket"],
        target["key"],
    )
    return {"PK": f"UPLOAD#{sha256_hex(chr(0).join((task.marker.transfer_id, *names)))[:KEY_DIGITS]}", "SK": SORT_KEY}


class Uploads:
    """Notes of uploads. Raises what botocore raises for anything but lost conditions."""

    def __init__(self, dynamodb: Any, table: str, days: int, clock: Callable[[], datetime]) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._days = days
        self._clock = clock

    def find(self, task: CopyTask) -> Upload | None:
        """The upload that was noted last."""
        answer = self._dynamodb.get_item(TableName=self._table, Key=to_item(key_of(task)), ConsistentRead=True)
        return _upload(from_item(answer["Item"])) if "Item" in answer else None

    def keep(self, task: CopyTask, upload: Upload, instead_of: Upload | None) -> Upload:
        """Notes an upload in the place of the one that was found; answers with the one that counts."""
        item = {
            **key_of(task),
            "uploadId": upload.id,
            "partBytes": upload.part_bytes,
            "transferId": task.marker.transfer_id,
            "target": task.uri,
            "expiresAt": int((self._clock() + timedelta(days=self._days)).timestamp()),
        }
        # A repeated put whose first answer got lost finds its own note.
        condition, values = "attribute_not_exists(PK) OR uploadId = :own", {":own": upload.id}
        if instead_of:
            condition, values = f"{condition} OR uploadId = :gone", {**values, ":gone": instead_of.id}
        kept, met = put_if(self._dynamodb, self._table, item, condition, values)
        return upload if kept or not met else _upload(met)

    def forget(self, task: CopyTask) -> None:
        """The copy is settled: nobody will go on with its upload."""
        self._dynamodb.delete_item(TableName=self._table, Key=to_item(key_of(task)))


def _upload(item: dict[str, Any]) -> Upload:
    return Upload(item["uploadId"], item["partBytes"])
