"""Bytes of any number into one object, with one part of them in memory."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Protocol

from shared.errors import TowpathError
from shared.observe import logger

#: At least 5 MiB, and 10,000 of them at most (Amazon S3 User Guide, multipart upload limits): room for 80 GB.
PART = 8 * 1024 * 1024
CHECKSUM = "SHA256"


class BundleDamaged(TowpathError):
    """A file is not what was recorded of it when it was first written."""


@dataclass(frozen=True)
class Written:
    """A file in a bucket: bytes, and SHA-256 in 64 hex digits."""

    key: str
    size: int
    sha256: str


class Objects(Protocol):
    """A bucket, as storage.Bucket is one."""

    @property
    def encryption(self) -> dict[str, str]: ...
    def call(self, operation: str, key: str, **arguments: Any) -> Any: ...


class Upload:
    """One object on its way: a single PutObject when it fits into one part, else a multipart upload."""

    def __init__(self, bucket: Objects, key: str, part: int = PART) -> None:
        self._bucket, self._key, self._part = bucket, key, part
        self._held = bytearray()
        self._parts: list[dict[str, Any]] = []
        self._upload_id = ""
        self._sha256 = hashlib.sha256()
        self._size = 0

    def add(self, piece: bytes) -> None:
        """More bytes. Raises the taxonomy's errors."""
        self._sha256.update(piece)
        self._size += len(piece)
        self._held += piece
        while len(self._held) > self._part:
            self._send(bytes(self._held[: self._part]))
            del self._held[: self._part]

    def finish(self, sha256: str = "") -> Written:
        """The object exists from now on. Raises BundleDamaged when its SHA-256 is not the one that is expected."""
        written = Written(self._key, self._size, self._sha256.hexdigest())
        if sha256 and written.sha256 != sha256:
            raise BundleDamaged(f"{self._key} has the SHA-256 {written.sha256} where {sha256} was recorded")
        if not self._upload_id:
            self._bucket.call("put_object", self._key, Body=bytes(self._held), **self._bucket.encryption)
            return written
        self._send(bytes(self._held))
        parts = {"Parts": self._parts}
        self._bucket.call("complete_multipart_upload", self._key, UploadId=self._upload_id, MultipartUpload=parts)
        return written

    def abort(self) -> None:
        """Gives up what was sent. A bucket's lifecycle does so for those who die before they get here."""
        if not self._upload_id:
            return
        try:
            self._bucket.call("abort_multipart_upload", self._key, UploadId=self._upload_id)
        except TowpathError as error:
            logger.warning("an upload was left behind", key=self._key, error=error.code)

    def _send(self, data: bytes) -> None:
        """One part, checked by S3; completing an upload that was begun with checksums takes those of all parts."""
        if not self._upload_id:
            begun = {"ChecksumAlgorithm": CHECKSUM, **self._bucket.encryption}
            self._upload_id = self._bucket.call("create_multipart_upload", self._key, **begun)["UploadId"]
        number = len(self._parts) + 1
        members: dict[str, Any] = {"PartNumber": number, "ChecksumAlgorithm": CHECKSUM}
        answer = self._bucket.call("upload_part", self._key, UploadId=self._upload_id, Body=data, **members)
        sums = {name: answer[name] for name in (f"Checksum{CHECKSUM}",) if name in answer}
        self._parts.append({"PartNumber": number, "ETag": answer["ETag"], **sums})
