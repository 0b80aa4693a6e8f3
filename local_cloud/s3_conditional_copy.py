"""CopyObject with conditions on the destination and a checksum of the caller's choice.

ministack checks the conditions on the source only, ignores `x-amz-checksum-algorithm` on a copy, and leaves the
checksum out of the answer. Rules: S3 API reference, CopyObject (If-Match, If-None-Match, ChecksumAlgorithm,
CopyObjectResult).
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from ministack.services import s3

from local_cloud.symbols import PatchedSymbol

Headers = dict[str, str]
Response = tuple[int, Headers, bytes]
_MODULE = "ministack.services.s3"
SYMBOLS = (
    PatchedSymbol(_MODULE, "_copy_object", "ce47e73298bef8a8"),
    PatchedSymbol(_MODULE, "_check_put_preconditions", "135c6110725d54eb"),
    PatchedSymbol(_MODULE, "_resolve_object_checksums", "af7c762a66047395"),
)
_RESULT_END = b"</CopyObjectResult>"


def install() -> None:
    """Puts the checks before ministack's copy and the checksum behind it."""
    original: Callable[[str, str, Headers], Response] = s3._copy_object

    def copy_object(bucket_name: str, key: str, headers: Headers) -> Response:
        bucket = s3._ensure_bucket(bucket_name)
        refused: Response | None = bucket and s3._check_put_preconditions(headers, bucket["objects"].get(key))
        if refused:
            return refused
        status, answer_headers, body = original(bucket_name, key, _with_sdk_algorithm(headers))
        if status == HTTPStatus.OK and bucket:
            checksums = bucket["objects"][key].get("checksums") or {}
            body = body.replace(_RESULT_END, _checksum_elements(checksums) + _RESULT_END)
        return status, answer_headers, body

    s3._copy_object = copy_object


def _with_sdk_algorithm(headers: Headers) -> Headers:
    # ministack reads the algorithm from the header that PutObject uses; one algorithm replaces the source's.
    algorithm = headers.get("x-amz-checksum-algorithm")
    return {**headers, "x-amz-sdk-checksum-algorithm": algorithm} if algorithm else headers


def _checksum_elements(checksums: dict[str, str]) -> bytes:
    values = "".join(f"<Checksum{name}>{value}</Checksum{name}>" for name, value in checksums.items())
    return (values + "<ChecksumType>FULL_OBJECT</ChecksumType>").encode() if values else b""
