"""The arguments of copies: pinned source, kept headers, marked target."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from file_transfer.copying.order import Marker
from file_transfer.copying.task import CopyTask

#: Names and values of user metadata together (Amazon S3 User Guide, "Working with object metadata").
METADATA_BYTES = 2048


def copy_arguments(task: CopyTask) -> dict[str, Any]:
    """Everything but the destination's condition.

    Metadata has to be replaced to add the marker, hence the source's own is given again. Tags are not carried over:
    that would take permission to read and write tags.
    """
    directives = {"MetadataDirective": "REPLACE", "TaggingDirective": "REPLACE"}
    return target_arguments(task) | source_arguments(task) | directives


def source_arguments(task: CopyTask) -> dict[str, Any]:
    """The version and its entity tag are pinned, so that what is copied is what was claimed."""
    source = {"Bucket": task.source["bucket"], "Key": task.source["key"]}
    if task.source.get("versionId"):
        source["VersionId"] = task.source["versionId"]
    return {"CopySource": source, "CopySourceIfMatch": f'"{task.source["etag"]}"'}


def target_arguments(task: CopyTask) -> dict[str, Any]:
    """What the new object is to be: kept headers, the source's metadata with our marker, a checksum of the whole."""
    arguments: dict[str, Any] = {
        "Bucket": task.target["bucket"],
        "Key": task.target["key"],
        "ChecksumAlgorithm": "CRC64NVME",
        "Metadata": merge_metadata(task.source.get("userMetadata", {}), task.marker),
        **task.source.get("headers", {}),
    }
    if task.source.get("contentType"):
        arguments["ContentType"] = task.source["contentType"]
    return arguments


def merge_metadata(user: Mapping[str, str], marker: Marker) -> dict[str, str]:
    """The source's metadata and the marker. What does not fit beside the marker is left out, longest first."""
    own = marker.as_metadata()
    kept = {name: ascii_value(value) for name, value in user.items() if name not in own}
    while kept and _size(kept) + _size(own) > METADATA_BYTES:
        del kept[max(kept, key=lambda name: (len(name) + len(kept[name]), name))]
    return {**kept, **own}


def ascii_value(value: str) -> str:
    """Headers are ASCII: anything else is written as an RFC 2047 encoded word, as S3 itself does when it reads one."""
    if value.isascii():
        return value
    return f"=?UTF-8?B?{base64.b64encode(value.encode()).decode()}?="


def _size(metadata: Mapping[str, str]) -> int:
    return sum(len(name) + len(value) for name, value in metadata.items())
