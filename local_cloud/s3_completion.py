"""CompleteMultipartUpload: from parts to one object, checked as S3 checks it.

Rules: S3 API reference, CompleteMultipartUpload (special errors, MpuObjectSize, checksums, conditions). An upload that
was completed answers the same again.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from xml.etree.ElementTree import Element, ParseError, SubElement, fromstring

from ministack.services import s3

from local_cloud import crc64
from local_cloud.s3_bodies import joined
from local_cloud.symbols import PatchedSymbol

_MODULE = "ministack.services.s3"
SYMBOLS = (
    PatchedSymbol(_MODULE, "_check_sse_c_part", "6ed38ad5d8e217c9"),
    PatchedSymbol(_MODULE, "_composite_checksum", "f20a4d1c31a90110"),
    PatchedSymbol(_MODULE, "_fire_s3_event_async", "d42619f0eb8691d5"),
    PatchedSymbol(_MODULE, "_maybe_replicate", "cb2dd6521e3d196d"),
    PatchedSymbol(_MODULE, "_stored_sse_headers", "d621904bcfb0adf0"),
)
Headers = dict[str, str]
Response = tuple[int, Headers, bytes]
Part = dict[str, Any]
LEAST_PART_BYTES = 5 * 1024 * 1024


class Refused(Exception):
    """The upload stays as it is; the answer says why."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.answer: Response = s3._error(code, message, status)


def complete(bucket_name: str, key: str, body: bytes, query: Any, headers: Headers | None = None) -> Response:
    """Answers one request; ministack's own completion is not used."""
    upload_id = s3._qp(query, "uploadId")
    done = s3._completed_multipart_uploads.get(upload_id)
    if done is not None and done["key"] == key:
        answer: Response = done["response"]
        return answer
    try:
        answer = _complete(bucket_name, key, upload_id, body, headers or {})
    except Refused as refused:
        return refused.answer
    if answer[0] == HTTPStatus.OK:
        s3._completed_multipart_uploads[upload_id] = {"key": key, "response": answer}
    return answer


def _complete(bucket_name: str, key: str, upload_id: str, body: bytes, headers: Headers) -> Response:
    bucket = s3._ensure_bucket(bucket_name)
    upload = s3._multipart_uploads.get(upload_id)
    if bucket is None:
        no_bucket: Response = s3._no_such_bucket(bucket_name)
        return no_bucket
    if not upload or (upload["bucket"], upload["key"]) != (bucket_name, key):
        raise Refused("NoSuchUpload", "There is no multipart upload of this id for this key.", 404)
    prior = bucket["objects"].get(key)
    refused: Response | None = s3._check_sse_c_part(headers, upload) or s3._check_put_preconditions(headers, prior)
    if refused:
        return refused
    named = _named_parts(body, upload)
    parts = [part for _, part in named]
    checksum, kind = _checksum(upload, parts, headers)
    made = _record(upload, named, checksum, kind)
    if (declared := headers.get("x-amz-mp-object-size")) not in (None, str(made["size"])):
        raise Refused("InvalidRequest", f"The object has {made['size']} bytes, and not {declared}.")
    bucket["objects"][key] = made
    del s3._multipart_uploads[upload_id]
    s3._maybe_replicate(bucket_name, key, made, made["body"])
    version = s3._record_object_version(bucket_name, key, prior, made, made["body"])
    event = "s3:ObjectCreated:CompleteMultipartUpload"
    s3._fire_s3_event_async(bucket_name, key, event, size=made["size"], etag=made["etag"], version_id=version)
    return _answer(bucket_name, key, upload, made, version)


def _named_parts(body: bytes, upload: dict[str, Any]) -> list[tuple[int, Part]]:
    """The parts that the request lists, which must be those that are there."""
    try:
        listed = [element for element in fromstring(body) if element.tag.rpartition("}")[2] == "Part"]
    except ParseError as error:
        raise Refused("MalformedXML", "The list of parts is not well-formed XML.") from error
    if not listed:
        raise Refused("MalformedXML", "The list of parts is empty.")
    named = [{child.tag.rpartition("}")[2]: child.text or "" for child in element} for element in listed]
    numbers = [int(each["PartNumber"]) for each in named]
    if numbers != sorted(set(numbers)):
        raise Refused("InvalidPartOrder", "Parts have to be listed in the order of their numbers.")
    parts = [(number, _named_part(number, each, upload)) for number, each in zip(numbers, named, strict=True)]
    if any(part["size"] < LEAST_PART_BYTES for _, part in parts[:-1]):
        raise Refused("EntityTooSmall", "Each part but the last has to have 5 MiB or more.")
    return parts


def _named_part(number: int, named: dict[str, str], upload: dict[str, Any]) -> Part:
    part: Part | None = upload["parts"].get(number)
    if part is None or named.get("ETag", "").strip('"') != part["etag"].strip('"'):
        raise Refused("InvalidPart", f"Part {number} is not there, or is another one.")
    for name, value in named.items():
        if name.startswith("Checksum") and part.get("checksums", {}).get(name.removeprefix("Checksum")) != value:
            raise Refused("InvalidPart", f"Part {number} has another checksum.")
    return part


def _checksum(upload: dict[str, Any], parts: Sequence[Part], headers: Headers) -> tuple[str | None, str | None]:
    """The object's checksum and its type; it must be the one that the request expects."""
    algorithm, kind = upload.get("checksum_algorithm"), upload.get("checksum_type")
    if not algorithm:
        return None, None
    if headers.get("x-amz-checksum-type", kind) != kind:
        raise Refused("BadDigest", f"The upload's checksum is of type {kind}.")
    checksum = _whole(algorithm, parts) if kind == "FULL_OBJECT" else _composite(algorithm, parts)
    if headers.get(f"x-amz-checksum-{algorithm.lower()}", checksum) != checksum:
        raise Refused("BadDigest", f"The object's {algorithm} is another one.")
    return checksum, kind


def _whole(algorithm: str, parts: Sequence[Part]) -> str | None:
    if algorithm == "CRC64NVME":
        known = [(int.from_bytes(base64.b64decode(part["checksums"][algorithm])), part["size"]) for part in parts]
        return base64.b64encode(crc64.combined(known).to_bytes(8)).decode()
    whole: str | None = s3._compute_s3_checksum(algorithm, b"".join(part["body"] for part in parts))
    return whole


def _composite(algorithm: str, parts: Sequence[Part]) -> str | None:
    composite: str | None = s3._composite_checksum(
        algorithm, [part.get("checksums", {}).get(algorithm) for part in parts]
    )
    return composite


def _record(
    upload: dict[str, Any], named: Sequence[tuple[int, Part]], checksum: str | None, kind: str | None
) -> dict[str, Any]:
    """The object as ministack keeps it."""
    digests = b"".join(bytes.fromhex(part["etag"].strip('"')) for _, part in named)
    return {
        "body": joined(part["body"] for _, part in named),
        "content_type": upload["content_type"],
        "content_encoding": upload.get("content_encoding"),
        "etag": f'"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(named)}"',
        "last_modified": s3.now_iso(),
        "size": sum(part["size"] for _, part in named),
        "metadata": upload["metadata"],
        "preserved_headers": upload.get("preserved_headers", {}),
        "storage_class": upload.get("storage_class") or "STANDARD",
        "parts": [{"PartNumber": number, "Size": part["size"]} for number, part in named],
        "checksums": {upload["checksum_algorithm"]: checksum} if checksum else {},
        "checksum_type": kind,
    }


def _answer(bucket_name: str, key: str, upload: dict[str, Any], made: dict[str, Any], version: str | None) -> Response:
    root = Element("CompleteMultipartUploadResult", xmlns=s3.S3_NS)
    checksums = {f"Checksum{name}": value for name, value in made["checksums"].items()}
    named = {"Bucket": bucket_name, "Key": key, "ETag": made["etag"], **checksums}
    if made["checksum_type"]:
        named["ChecksumType"] = made["checksum_type"]
    for name, value in named.items():
        SubElement(root, name).text = value
    headers = {"Content-Type": "application/xml", **s3._stored_sse_headers(upload)}
    if version:
        headers["x-amz-version-id"] = version
    return 200, headers, s3._xml_body(root)
