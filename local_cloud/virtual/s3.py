"""S3 in one process: versioned buckets that belong to accounts, as boto3's client and other services see them.

It follows the API Reference where our code depends on it: If-None-Match and If-Match of writes are checked against the
current object (412), a deleted object leaves a marker, parts come together in their order.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

from botocore.response import StreamingBody

from local_cloud.aws_models.errors import ApiError
from local_cloud.virtual.kernel import Kernel

Parameters = Mapping[str, Any]
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@dataclass(frozen=True)
class Version:
    """One version; `body` is None for a delete marker. What the writer said of it is in `headers`."""

    version_id: str
    body: bytes | None
    modified: datetime
    headers: Mapping[str, Any] = field(default_factory=dict)
    etag: str = ""


@dataclass
class Upload:
    """A multipart upload that is under way; `parts` by number."""

    bucket: str
    key: str
    headers: Mapping[str, Any]
    parts: dict[int, bytes] = field(default_factory=dict)


#: What PutObject and CreateMultipartUpload say and GetObject and HeadObject repeat.
_KEPT = ("ContentType", "Metadata", "ServerSideEncryption", "SSEKMSKeyId", "CacheControl")


class Buckets:
    """All buckets of the cloud: `owners` has the account of each."""

    def __init__(self, kernel: Kernel, owners: Mapping[str, str]) -> None:
        self._kernel = kernel
        self.owners = dict(owners)
        self.objects: dict[tuple[str, str], list[Version]] = defaultdict(list)
        self.uploads: dict[str, Upload] = {}
        self._count = 0

    def call(self, operation: str, parameters: Parameters) -> dict[str, Any]:
        """The answer of an operation as boto3 gives it. Raises ApiError."""
        if operation not in _OPERATIONS:
            raise ApiError(
                "NotImplemented", f"{operation} is not part of the virtual cloud", HTTPStatus.NOT_IMPLEMENTED
            )
        if parameters["Bucket"] not in self.owners:
            raise _missing("NoSuchBucket", parameters["Bucket"])
        answer: dict[str, Any] = _OPERATIONS[operation](self, parameters)
        return answer

    def read(self, bucket: str, key: str) -> bytes:
        """The current object's bytes, for other services. Raises ApiError."""
        body = self._find({"Bucket": bucket, "Key": key}).body
        return body or b""

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """Keys of current objects, sorted."""
        return sorted(
            key for there, key in self.objects if there == bucket and key.startswith(prefix) and self._now(there, key)
        )

    def _now(self, bucket: str, key: str) -> Version | None:
        versions = self.objects.get((bucket, key))
        return versions[-1] if versions and versions[-1].body is not None else None

    def _find(self, parameters: Parameters, code: str = "NoSuchKey") -> Version:
        bucket, key, wanted = parameters["Bucket"], parameters["Key"], parameters.get("VersionId")
        if not wanted:
            found = self._now(bucket, key)
        else:
            found = next((each for each in self.objects.get((bucket, key), []) if each.version_id == wanted), None)
        if found is None or found.body is None:
            raise _missing("NoSuchVersion" if wanted and code != "404" else code, key)
        if (wished := parameters.get("IfMatch")) and wished.strip('"') != found.etag:
            raise ApiError("PreconditionFailed", key, HTTPStatus.PRECONDITION_FAILED)
        return found

    def _store(self, parameters: Parameters, body: bytes | None, headers: Parameters, etag: str = "") -> Version:
        bucket, key = parameters["Bucket"], parameters["Key"]
        current = self._now(bucket, key)
        wished = parameters.get("IfMatch")
        if (parameters.get("IfNoneMatch") == "*" and current) or (
            wished and (current is None or current.etag != wished.strip('"'))
        ):
            raise ApiError("PreconditionFailed", key, HTTPStatus.PRECONDITION_FAILED)
        self._count += 1
        kept = {name: headers[name] for name in _KEPT if name in headers}
        moment = self._kernel.utc().replace(microsecond=0)
        version = Version(f"v{self._count:08d}", body, moment, kept, etag or _md5(body or b""))
        self.objects[bucket, key].append(version)
        return version

    def _put(self, parameters: Parameters) -> dict[str, Any]:
        body = _bytes(parameters.get("Body", b""))
        checked = {name: sum_of(body) for name, sum_of in _CHECKSUMS.items() if parameters.get(name)}
        for name, value in checked.items():
            if parameters[name] != value:
                raise ApiError("BadDigest", f"{name} is {value}", HTTPStatus.BAD_REQUEST)
        version = self._store(parameters, body, parameters)
        return {"ETag": f'"{version.etag}"', "VersionId": version.version_id, **checked}

    def _get(self, parameters: Parameters) -> dict[str, Any]:
        version = self._find(parameters)
        body = version.body or b""
        answer = _described(version)
        if (span := _RANGE.fullmatch(parameters.get("Range") or "")) is not None:
            start, end = int(span[1]), min(int(span[2] or len(body)), len(body) - 1)
            if start >= len(body):
                raise ApiError("InvalidRange", parameters["Key"], HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
            answer["ContentRange"] = f"bytes {start}-{end}/{len(body)}"
            body = body[start : end + 1]
        return {**answer, "ContentLength": len(body), "Body": StreamingBody(io.BytesIO(body), len(body))}

    def _head(self, parameters: Parameters) -> dict[str, Any]:
        return _described(self._find(parameters, "404"))

    def _delete(self, parameters: Parameters) -> dict[str, Any]:
        if wanted := parameters.get("VersionId"):
            place = (parameters["Bucket"], parameters["Key"])
            self.objects[place] = [each for each in self.objects[place] if each.version_id != wanted]
            return {"VersionId": wanted}
        return {"DeleteMarker": True, "VersionId": self._store(parameters, None, {}).version_id}

    def _copy(self, parameters: Parameters) -> dict[str, Any]:
        source = parameters["CopySource"]
        if isinstance(source, str):
            bucket, _, key = source.lstrip("/").partition("/")
            source = {"Bucket": bucket, "Key": key}
        found = self._find(source)
        if (wished := parameters.get("CopySourceIfMatch")) and wished.strip('"') != found.etag:
            raise ApiError("PreconditionFailed", parameters["Key"], HTTPStatus.PRECONDITION_FAILED)
        version = self._store(parameters, found.body, {**found.headers, **parameters})
        return {"CopyObjectResult": {"ETag": f'"{version.etag}"'}, "VersionId": version.version_id}

    def _list(self, parameters: Parameters) -> dict[str, Any]:
        bucket = parameters["Bucket"]
        found = [
            (key, self._find({"Bucket": bucket, "Key": key})) for key in self.keys(bucket, parameters.get("Prefix", ""))
        ]
        contents = [{"Key": key, **_listed(version)} for key, version in found]
        return {"IsTruncated": False, "KeyCount": len(contents), "Contents": contents}

    def _begin(self, parameters: Parameters) -> dict[str, Any]:
        self._count += 1
        upload = f"upload-{self._count:08d}"
        self.uploads[upload] = Upload(parameters["Bucket"], parameters["Key"], dict(parameters))
        return {"Bucket": parameters["Bucket"], "Key": parameters["Key"], "UploadId": upload}

    def _part(self, parameters: Parameters) -> dict[str, Any]:
        body = _bytes(parameters.get("Body", b""))
        self._upload(parameters).parts[parameters["PartNumber"]] = body
        sums = {name: sum_of(body) for name, sum_of in _CHECKSUMS.items() if _asked(parameters, name)}
        return {"ETag": f'"{_md5(body)}"', **sums}

    def _complete(self, parameters: Parameters) -> dict[str, Any]:
        upload = self._upload(parameters)
        wanted = [part["PartNumber"] for part in parameters["MultipartUpload"]["Parts"]]
        if wanted != sorted(wanted) or not set(wanted) <= set(upload.parts):
            raise ApiError("InvalidPart", parameters["Key"], HTTPStatus.BAD_REQUEST)
        body = b"".join(upload.parts[number] for number in wanted)
        version = self._store(parameters, body, upload.headers, f"{_md5(body)}-{len(wanted)}")
        del self.uploads[parameters["UploadId"]]
        place = {"Bucket": parameters["Bucket"], "Key": parameters["Key"]}
        return {**place, "ETag": f'"{version.etag}"', "VersionId": version.version_id}

    def _abort(self, parameters: Parameters) -> dict[str, Any]:
        self._upload(parameters)
        del self.uploads[parameters["UploadId"]]
        return {}

    def _upload(self, parameters: Parameters) -> Upload:
        upload = self.uploads.get(parameters["UploadId"])
        if upload is None or (upload.bucket, upload.key) != (parameters["Bucket"], parameters["Key"]):
            raise _missing("NoSuchUpload", parameters["UploadId"])
        return upload


def _described(version: Version) -> dict[str, Any]:
    return {
        "ETag": f'"{version.etag}"',
        "VersionId": version.version_id,
        "LastModified": version.modified,
        "ContentLength": len(version.body or b""),
        "Metadata": {},
        **version.headers,
    }


def _listed(version: Version) -> dict[str, Any]:
    return {"ETag": f'"{version.etag}"', "Size": len(version.body or b""), "LastModified": version.modified}


def _asked(parameters: Parameters, name: str) -> bool:
    return bool(parameters.get(name)) or f"Checksum{parameters.get('ChecksumAlgorithm', '')}" == name


def _bytes(body: Any) -> bytes:
    if isinstance(body, str):
        return body.encode()
    return bytes(body) if isinstance(body, (bytes, bytearray, memoryview)) else bytes(body.read())


def _md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def _sha256(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def _missing(code: str, what: str) -> ApiError:
    return ApiError(code, what, HTTPStatus.NOT_FOUND)


_CHECKSUMS: dict[str, Callable[[bytes], str]] = {"ChecksumSHA256": _sha256}
_OPERATIONS = {
    "PutObject": Buckets._put,
    "GetObject": Buckets._get,
    "HeadObject": Buckets._head,
    "DeleteObject": Buckets._delete,
    "CopyObject": Buckets._copy,
    "ListObjectsV2": Buckets._list,
    "CreateMultipartUpload": Buckets._begin,
    "UploadPart": Buckets._part,
    "CompleteMultipartUpload": Buckets._complete,
    "AbortMultipartUpload": Buckets._abort,
}
