"""A bucket in memory, trails of transfers as the recorder writes them, and a copy of the bucket in a folder."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from file_transfer.archive.exporting import Exporter
from file_transfer.archive.sealing import Seal, Sealer
from file_transfer.records import audit
from shared.canonical import sha256_hex
from shared.dynamodb import to_item

BUCKET = "audit-bucket"
BEGINNING = datetime(2026, 3, 1, 20, 10, tzinfo=UTC)
AFTER = timedelta(minutes=15)


class Body(io.BytesIO):
    """What GetObject gives to read from."""

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        while chunk := self.read(size):
            yield chunk


class LockedBucket:
    """Objects are put once; `lost` answers of PutObject get lost after the object was stored."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.lost = 0

    def put_object(self, Bucket: str, Key: str, Body: bytes, **settings: Any) -> dict[str, Any]:  # noqa: N803
        assert Bucket == BUCKET
        assert settings["IfNoneMatch"] == "*"
        if Key in self.objects:
            raise _error("PreconditionFailed", 412)
        self.objects[Key] = Body
        if self.lost:
            self.lost -= 1
            raise _error("InternalError", 500)
        return {}

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        assert Bucket == BUCKET
        return {"Body": Body(self.objects[Key])}

    def get_paginator(self, operation: str) -> LockedBucket:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        assert Bucket == BUCKET
        keys = sorted(key for key in self.objects if key.startswith(Prefix))
        for start in range(0, len(keys), 2):
            yield {"Contents": [{"Key": key, "Size": len(self.objects[key])} for key in keys[start : start + 2]]}
        if not keys:
            yield {}


def _error(code: str, status: int) -> ClientError:
    answer = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "PutObject")  # type: ignore[arg-type]


class Archive:
    """The export with a clock that the test moves."""

    def __init__(self) -> None:
        self.bucket = LockedBucket()
        self.now = BEGINNING
        self.exporter = Exporter(self.bucket, BUCKET)
        self.sealer = Sealer(self.bucket, BUCKET, AFTER)
        self._sequence = 100000

    def changes(self, records: list[dict[str, Any]], kind: str = "INSERT") -> list[dict[str, Any]]:
        """A batch of the stream with these records in it."""
        batch = []
        for record in records:
            self._sequence += 1
            change = {"SequenceNumber": str(self._sequence), "NewImage": to_item(record)}
            batch.append({"eventName": kind, "dynamodb": change})
        return batch

    def export(self, *records: dict[str, Any]) -> str:
        """Exports the records as one batch; returns the key."""
        return self.exporter.export(self.changes(list(records)), self.now)

    def seal(self, hours: float = 0) -> list[Seal]:
        """Lets time pass and seals what is due."""
        self.now += timedelta(hours=hours)
        return list(self.sealer.seal(self.now))

    def copy_to(self, folder: Path) -> Path:
        """As `aws s3 sync` would."""
        for key, content in self.bucket.objects.items():
            path = folder / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return folder


def trail(name: str, revisions: int) -> list[dict[str, Any]]:
    """The chained records of one transfer, as file_transfer.records.audit makes them."""
    transfer = sha256_hex(name)[:16]
    sort_key = f"TS#2026-03-01T20:00:00.000000Z#{transfer}"
    previous, records = audit.first_hash(sort_key), []
    for revision in range(1, revisions + 1):
        record = {
            "PK": f"FILE#bank#{name}",
            "SK": f"{sort_key}#{revision:06d}",
            "status": "SUCCESS" if revision == revisions else "RETRYING",
            "retryCount": revision - 1,
            "timestamp": f"2026-03-01T20:00:{revision:02d}.000000Z",
            "events": [{"eventType": "RETRY", "at": f"2026-03-01T20:00:{revision:02d}.000000Z", "status": "RETRYING"}],
            "previousHash": previous,
        }
        previous = audit.record_hash(record)
        records.append({**record, "hash": previous})
    return records
