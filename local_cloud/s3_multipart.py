"""Multipart uploads: checksums of the whole object, parts that are copied, and bodies that need no memory.

ministack knows composite checksums alone, computes none for copied parts, takes parts of any size, and joins all parts
in memory. Rules: S3 API reference, CreateMultipartUpload (ChecksumType), UploadPartCopy (CopyPartResult),
CompleteMultipartUpload (MpuObjectSize, ChecksumType, EntityTooSmall) and S3 user guide, "Checking object integrity":
CRC64NVME is always a checksum of the whole object, SHA-1 and SHA-256 are always composite.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from ministack.services import s3

from local_cloud import crc64, s3_completion
from local_cloud.s3_bodies import joined
from local_cloud.symbols import PatchedSymbol

_MODULE = "ministack.services.s3"
SYMBOLS = (
    *s3_completion.SYMBOLS,
    PatchedSymbol(_MODULE, "_create_multipart_upload", "3e8ca288f4801946"),
    PatchedSymbol(_MODULE, "_upload_part", "e27ecd53f1de3dbd"),
    PatchedSymbol(_MODULE, "_upload_part_copy", "890950db69f20539"),
    PatchedSymbol(_MODULE, "_complete_multipart_upload", "9e2d6452dfe128a0"),
    PatchedSymbol(_MODULE, "_list_parts", "3df5645a2285b9a3"),
    PatchedSymbol(_MODULE, "_crc64nvme", "1762a2c1bd4e43d0"),
    PatchedSymbol(_MODULE, "_compute_s3_checksum", "54107acfb75c8dac"),
)
Headers = dict[str, str]
Response = tuple[int, Headers, bytes]
FULL_OBJECT, COMPOSITE = "FULL_OBJECT", "COMPOSITE"
_ONLY = {"CRC64NVME": FULL_OBJECT, "SHA1": COMPOSITE, "SHA256": COMPOSITE}
_UPLOAD_ID = re.compile(rb"<UploadId>([^<]+)</UploadId>")
_COPIED_END = b"</CopyPartResult>"


def install() -> None:
    """Puts our behaviour around ministack's, and a completion of our own in the place of its."""
    create: Callable[..., Response] = s3._create_multipart_upload
    upload_part: Callable[..., Response] = s3._upload_part
    upload_part_copy: Callable[..., Response] = s3._upload_part_copy

    def create_multipart_upload(bucket_name: str, key: str, headers: Headers) -> Response:
        refused = _refused_type(headers)
        if refused:
            return refused
        status, answer_headers, body = create(bucket_name, key, headers)
        found = _UPLOAD_ID.search(body)
        if status == HTTPStatus.OK and found:
            upload = s3._multipart_uploads[found[1].decode()]
            upload["checksum_type"] = checksum_type(upload.get("checksum_algorithm"), headers)
            if upload["checksum_type"]:
                answer_headers["x-amz-checksum-type"] = upload["checksum_type"]
        return status, answer_headers, body

    def put_part(bucket_name: str, key: str, body: bytes, query: Any, headers: Headers) -> Response:
        answer = upload_part(bucket_name, key, body, query, headers)
        if answer[0] == HTTPStatus.OK:
            part = _part(query)
            part["body"] = joined([part["body"]])
        return answer

    def copy_part(bucket_name: str, key: str, query: Any, headers: Headers) -> Response:
        upload = s3._multipart_uploads.get(s3._qp(query, "uploadId"))
        if upload and (upload["bucket"], upload["key"]) != (bucket_name, key):
            return no_such_upload(bucket_name, key)
        status, answer_headers, body = upload_part_copy(bucket_name, key, query, headers)
        algorithm = upload and upload.get("checksum_algorithm")
        if status == HTTPStatus.OK and algorithm:
            part = _part(query)
            checksum = s3._compute_s3_checksum(algorithm, part["body"])
            part["checksums"] = {algorithm: checksum}
            element = f"<Checksum{algorithm}>{checksum}</Checksum{algorithm}>".encode()
            body = body.replace(_COPIED_END, element + _COPIED_END)
        return status, answer_headers, body

    s3._create_multipart_upload = create_multipart_upload
    s3._upload_part = put_part
    s3._upload_part_copy = copy_part
    s3._complete_multipart_upload = s3_completion.complete
    s3._crc64nvme = crc64.crc64nvme


def checksum_type(algorithm: str | None, headers: Headers) -> str | None:
    """The type that an upload's checksum has; composite unless the algorithm or the request says otherwise."""
    if not algorithm:
        return None
    return _ONLY.get(algorithm) or headers.get("x-amz-checksum-type", COMPOSITE).upper()


def no_such_upload(bucket_name: str, key: str) -> Response:
    """An upload that was completed or aborted, or never was."""
    answer: Response = s3._error(
        "NoSuchUpload", "There is no multipart upload of this id for this key.", 404, f"/{bucket_name}/{key}"
    )
    return answer


def _refused_type(headers: Headers) -> Response | None:
    algorithm = (headers.get("x-amz-checksum-algorithm") or "").upper()
    asked = (headers.get("x-amz-checksum-type") or "").upper()
    if asked and algorithm in _ONLY and asked != _ONLY[algorithm]:
        answer: Response = s3._error("InvalidRequest", f"{algorithm} has no checksum of type {asked}.", 400)
        return answer
    return None


def _part(query: Any) -> dict[str, Any]:
    upload = s3._multipart_uploads[s3._qp(query, "uploadId")]
    part: dict[str, Any] = upload["parts"][int(s3._qp(query, "partNumber", "1"))]
    return part
