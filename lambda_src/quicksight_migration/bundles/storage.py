"""Files of jobs in S3: JSON documents, and bundles of any size read and written piece by piece.

Every write names SSE-KMS. Without a key of ours the request names none either, and S3 takes the account's own
(aws/s3) whatever the bucket's default is (Amazon S3 API Reference, PutObject), so the bucket's key is given to us.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, cast

from botocore.exceptions import BotoCoreError, ClientError

from quicksight_migration.bundles.ranges import RangeFile
from quicksight_migration.bundles.upload import Upload, Written
from shared.aws_errors import classify
from shared.canonical import canonical_json
from shared.errors import NotFound, TowpathError, Transient

#: Bytes that are read at once where a file is passed on.
PIECE = 1024 * 1024


@dataclass(frozen=True)
class Bucket:
    """One bucket. `s3` is a boto3 client, `kms_key_arn` encrypts what is written. Raises the taxonomy's errors."""

    s3: Any
    name: str
    kms_key_arn: str = ""

    def put_json(self, key: str, document: Mapping[str, Any]) -> str:
        """Writes canonical JSON, replacing what is there; returns the key."""
        body = canonical_json(document).encode()
        self.call("put_object", key, Body=body, ContentType="application/json", **self.encryption)
        return key

    def get_json(self, key: str) -> Any:
        """The document. Raises NotFound when there is none."""
        try:
            return json.loads(b"".join(self.pieces(key)))
        except ValueError as error:
            raise Transient(f"{self.name}/{key} is no JSON: {error}") from error

    def size(self, key: str) -> int | None:
        """Bytes of the object, None when there is none."""
        try:
            return int(self.call("head_object", key)["ContentLength"])
        except NotFound:
            return None

    def open(self, key: str) -> IO[bytes]:
        """The object as a file to seek in, of which a few megabytes are held at a time. Raises NotFound."""
        size = self.size(key)
        if size is None:
            raise NotFound(f"{self.name}/{key} does not exist")
        ranged = RangeFile(size, lambda start, end: self._range(key, start, end))
        return cast("IO[bytes]", io.BufferedReader(ranged))

    def pieces(self, key: str) -> Iterator[bytes]:
        """The object from its beginning. Raises NotFound, and Transient when it breaks off."""
        body = self.call("get_object", key)["Body"]
        try:
            while piece := body.read(PIECE):
                yield piece
        except Exception as error:
            raise _broken(error, f"read {self.name}/{key}") from error
        finally:
            body.close()

    def digest(self, key: str) -> Written:
        """Size and SHA-256 of what is there, read through. Raises NotFound."""
        sha256, size = hashlib.sha256(), 0
        for piece in self.pieces(key):
            sha256.update(piece)
            size += len(piece)
        return Written(key, size, sha256.hexdigest())

    def write(self, key: str, pieces: Iterable[bytes], sha256: str = "") -> Written:
        """Writes a file of any size, whole or not at all; what was uploaded of it is given up when it fails.

        Raises BundleDamaged when the bytes do not have the SHA-256 that is expected, and what reading them raises.
        """
        upload = Upload(self, key)
        try:
            for piece in pieces:
                upload.add(piece)
            return upload.finish(sha256)
        except BaseException:
            upload.abort()
            raise

    def delete(self, key: str) -> None:
        """Removes the current version; nothing there is as good."""
        self.call("delete_object", key)

    @property
    def encryption(self) -> dict[str, str]:
        """Members of every request that writes."""
        named = {"SSEKMSKeyId": self.kms_key_arn} if self.kms_key_arn else {}
        return {"ServerSideEncryption": "aws:kms", **named}

    def call(self, operation: str, key: str, **arguments: Any) -> Any:
        """One call about one object."""
        try:
            return getattr(self.s3, operation)(Bucket=self.name, Key=key, **arguments)
        except (ClientError, BotoCoreError) as error:
            raise classify(error, f"{operation} {self.name}/{key}") from error

    def _range(self, key: str, start: int, end: int) -> bytes:
        answer = self.call("get_object", key, Range=f"bytes={start}-{end - 1}")
        try:
            data = bytes(answer["Body"].read())
        except Exception as error:
            raise _broken(error, f"read {self.name}/{key}") from error
        if len(data) != end - start:
            raise Transient(f"{self.name}/{key} changed while it was read")
        return data


def _broken(error: Exception, doing: str) -> TowpathError:
    if isinstance(error, ClientError | BotoCoreError):
        return classify(error, doing)
    return Transient(f"{doing}: {type(error).__name__}")
