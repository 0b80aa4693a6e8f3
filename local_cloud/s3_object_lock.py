"""What keeps objects from being deleted, where ministack forgets it.

Versioning of a bucket with Object Lock cannot be suspended; whoever names a retention or legal hold with an upload
needs the permission to do so; and an object of many parts is kept as long as any other (S3 user guide, "Object Lock
considerations"; API reference, PutObject and CreateMultipartUpload).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from xml.etree.ElementTree import ParseError, fromstring

from ministack.core import iam_actions
from ministack.services import s3

from local_cloud.symbols import PatchedSymbol

_MODULE = "ministack.services.s3"
SYMBOLS = (
    PatchedSymbol("ministack.core.iam_actions", "s3_additional_checks", "26e5e5602d743140"),
    PatchedSymbol(_MODULE, "_put_bucket_versioning", "e6f9ef1330878b15"),
    PatchedSymbol(_MODULE, "_apply_object_lock_from_headers", "6ae36cbe1198b7ba"),
)
Response = tuple[int, dict[str, str], bytes]
_NEEDED = {
    "x-amz-object-lock-mode": "s3:PutObjectRetention",
    "x-amz-object-lock-legal-hold": "s3:PutObjectLegalHold",
}
_LOCK_HEADERS = "x-amz-object-lock-"
_KEPT = "towpath_lock_headers"
_UPLOAD_ID = re.compile(rb"<UploadId>([^<]+)</UploadId>")


def install() -> None:
    """Wraps the questions to the policies, the settings of versioning and both ends of uploads in parts."""
    checks, suspend = iam_actions.s3_additional_checks, s3._put_bucket_versioning

    def more_checks(method: str, path: str, headers: Mapping[str, str], *more: Any) -> list[tuple[str, str]]:
        return [*checks(method, path, headers, *more), *permissions(method, path, headers)]

    def put_versioning(name: str, body: bytes) -> Response:
        if s3._bucket_object_lock.get(name) and _suspends(body):
            return _refused()
        answer: Response = suspend(name, body)
        return answer

    iam_actions.s3_additional_checks = more_checks
    s3._put_bucket_versioning = put_versioning
    _keep_what_has_parts()


def permissions(method: str, path: str, headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """What a write needs because of its retention or legal hold: action and ARN of the object."""
    bucket, _, key = path.lstrip("/").partition("/")
    if method not in ("PUT", "POST") or not key:
        return []
    arn = f"arn:aws:s3:::{bucket}/{key}"
    return [(action, arn) for header, action in _NEEDED.items() if headers.get(header)]


def _suspends(body: bytes) -> bool:
    try:
        return any(element.tag.endswith("Status") and element.text != "Enabled" for element in fromstring(body))
    except ParseError:
        return False


def _refused() -> Response:
    # Terraform tells by these words that there is nothing to do when it destroys.
    words = "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
    answer: Response = s3._error("InvalidBucketState", words, HTTPStatus.CONFLICT)
    return answer


def _keep_what_has_parts() -> None:
    create: Callable[..., Response] = s3._create_multipart_upload
    complete: Callable[..., Response] = s3._complete_multipart_upload

    def create_upload(bucket_name: str, key: str, headers: dict[str, str]) -> Response:
        answer = create(bucket_name, key, headers)
        found = _UPLOAD_ID.search(answer[2])
        if answer[0] == HTTPStatus.OK and found:
            kept = {name: value for name, value in headers.items() if name.startswith(_LOCK_HEADERS)}
            s3._multipart_uploads[found[1].decode()][_KEPT] = kept
        return answer

    def complete_upload(bucket_name: str, key: str, body: bytes, query: Any, *more: Any) -> Response:
        upload = s3._multipart_uploads.get(s3._qp(query, "uploadId"))
        answer = complete(bucket_name, key, body, query, *more)
        if answer[0] == HTTPStatus.OK and upload is not None:
            version = answer[1].get("x-amz-version-id")
            s3._apply_object_lock_from_headers(bucket_name, key, upload.get(_KEPT, {}), version)
        return answer

    s3._create_multipart_upload, s3._complete_multipart_upload = create_upload, complete_upload
