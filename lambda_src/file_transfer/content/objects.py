"""Objects read into files and written from them, with memory for one part at a time.

What is written has a key that nothing else can have, and is written once: a second attempt finds the first one's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from file_transfer.errors import Rejection, SourceGone, Transient
from file_transfer.intake.source import Source
from shared.aws_errors import classify, error_code, http_status

CHUNK_BYTES = 1024 * 1024
PART_BYTES = 8 * 1024 * 1024
GONE = frozenset({"NoSuchKey", "NoSuchVersion", "InvalidObjectState", "PreconditionFailed"})
EXISTS, CONFLICT = 412, 409

Content = dict[str, Any]


class Heads(Protocol):
    """HEAD, as file_transfer.intake.source.SourceReader has it."""

    def head(self, bucket: str, key: str, version_id: str = "") -> Source | None: ...


class Objects:
    """Raises the taxonomy's errors."""

    def __init__(self, s3: Any, heads: Heads, work_bucket: str) -> None:
        self._s3 = s3
        self._heads = heads
        self._work_bucket = work_bucket

    def fetch(self, source: Content, path: Path, most_bytes: int) -> str:
        """Writes exactly this version to the file; returns its SHA-256 in hex.

        Raises SourceGone, and Rejection FILE_TOO_LARGE.
        """
        if int(source["sizeBytes"]) > most_bytes:
            raise Rejection("FILE_TOO_LARGE", f"{source['sizeBytes']} bytes; at most {most_bytes} can be opened")
        digest = hashlib.sha256()
        with self._reading(source) as body, path.open("wb") as file:
            for chunk in body.iter_chunks(CHUNK_BYTES):
                digest.update(chunk)
                file.write(chunk)
        return digest.hexdigest()

    def read(self, source: Content, most_bytes: int) -> bytes:
        """A small object as it is: its first bytes, one more than asked for if there are more."""
        with self._reading(source) as body:
            data: bytes = body.read(most_bytes + 1)
        return data

    def find(self, key: str) -> Content | None:
        """What lies at this key of the work bucket."""
        found = self._heads.head(self._work_bucket, key)
        if found is None:
            return None
        return {
            "bucket": self._work_bucket,
            "key": key,
            "versionId": found.version_id,
            "etag": found.etag,
            "sizeBytes": found.size,
            "checksum": found.checksum,
        }

    def keep(self, key: str, file: BinaryIO) -> Content:
        """Writes the file to the work bucket, or finds that it was written before."""
        first = file.read(PART_BYTES)
        try:
            if len(first) < PART_BYTES:
                self._s3.put_object(Bucket=self._work_bucket, Key=key, Body=first, IfNoneMatch="*")
            else:
                self._keep_in_parts(key, first, file)
        except ClientError as error:
            if http_status(error) not in (EXISTS, CONFLICT):
                raise classify(error, f"write {key}") from error
        except BotoCoreError as error:
            raise classify(error, f"write {key}") from error
        found = self.find(key)
        if found is None:
            raise Transient(f"{key} is being written by another attempt")
        return found

    def _keep_in_parts(self, key: str, first: bytes, file: BinaryIO) -> None:
        place = {"Bucket": self._work_bucket, "Key": key}
        upload = {**place, "UploadId": self._s3.create_multipart_upload(**place)["UploadId"]}
        try:
            parts = []
            for number, data in enumerate(_parts(first, file), start=1):
                answer = self._s3.upload_part(**upload, PartNumber=number, Body=data)
                checksums = {name: value for name, value in answer.items() if name.startswith("Checksum")}
                parts.append({"PartNumber": number, "ETag": answer["ETag"], **checksums})
            self._s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts}, IfNoneMatch="*")
        except BaseException:
            # What went wrong is what counts. An upload that stays is left to the bucket's lifecycle rule; one that is
            # gone was completed, and only the answer got lost.
            with suppress(ClientError, BotoCoreError):
                self._s3.abort_multipart_upload(**upload)
            raise

    @contextmanager
    def _reading(self, source: Content) -> Iterator[Any]:
        pinned = {"VersionId": source["versionId"]} if source.get("versionId") else {}
        what = f"read {source['bucket']}/{source['key']}"
        try:
            answer = self._s3.get_object(
                Bucket=source["bucket"], Key=source["key"], IfMatch=f'"{source["etag"]}"', **pinned
            )
            yield answer["Body"]
        except ClientError as error:
            if error_code(error) in GONE:
                raise SourceGone(f"{what}: the claimed version does not exist any more") from error
            raise classify(error, what) from error
        except (BotoCoreError, HTTPClientError) as error:
            raise classify(error, what) from error


def _parts(first: bytes, file: BinaryIO) -> Iterator[bytes]:
    yield first
    while data := file.read(PART_BYTES):
        yield data
