"""The arguments of one CopyObject: pinned source, kept headers, marked target."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from file_transfer.copying.order import Marker

#: Names and values of user metadata together (Amazon S3 User Guide, "Working with object metadata").
METADATA_BYTES = 2048


def copy_arguments(transfer: Mapping[str, Any], target: Mapping[str, Any], marker: Marker) -> dict[str, Any]:
    """Everything but the destination's condition.

    The version and its entity tag are pinned, so that what is copied is what was claimed. Metadata has to be
    replaced to add the marker, hence the source's own is given again. Tags are not carried over: that would take
    permission to read and write tags.
    """
    source = {"Bucket": transfer["bucket"], "Key": transfer["key"]}
    if transfer.get("versionId"):
        source["VersionId"] = transfer["versionId"]
    arguments: dict[str, Any] = {
        "Bucket": target["bucket"],
        "Key": target["key"],
        "CopySource": source,
        "CopySourceIfMatch": f'"{transfer["etag"]}"',
        "ChecksumAlgorithm": "CRC64NVME",
        "MetadataDirective": "REPLACE",
        "TaggingDirective": "REPLACE",
        "Metadata": merge_metadata(transfer.get("userMetadata", {}), marker),
        **transfer.get("headers", {}),
    }
    if transfer.get("contentType"):
        arguments["ContentType"] = transfer["contentType"]
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
