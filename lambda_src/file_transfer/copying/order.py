"""Which of two versions is the newer: the rule behind the overwrite policy `newest-wins`.

Versions of one source object are ordered as S3 made them: by the events' sequencer (Amazon S3 User Guide: pad the
shorter hex value with zeros on the left, then compare as text), else by the source's list of versions.
LastModified would be wrong there: for a multipart upload it is the time the upload began. Objects of different
sources that meet at one target are ordered by arrival, then by name of the source, so that every worker comes to
the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from file_transfer.records.identity import transfer_id
from shared.canonical import sha256_hex

TRANSFER_KEY = "towpath-transfer"
ORDER_KEY = "towpath-order"
SOURCE_DIGITS = 12


@dataclass(frozen=True)
class Marker:
    """What a copy says of its origin, in the user metadata of the target object."""

    transfer_id: str
    arrived_at: str
    sequencer: str = ""
    source: str = ""

    def as_metadata(self) -> dict[str, str]:
        """About 110 of the 2,048 bytes that S3 allows user metadata."""
        return {TRANSFER_KEY: self.transfer_id, ORDER_KEY: f"{self.arrived_at}#{self.sequencer}#{self.source}"}


def marker_of(transfer: Mapping[str, Any]) -> Marker:
    """The marker that this transfer's copies carry."""
    return Marker(
        transfer["id"],
        transfer["arrivedAt"],
        str(transfer.get("sequencer") or "").upper(),
        sha256_hex(f"{transfer['bucket']}\0{transfer['key']}")[:SOURCE_DIGITS],
    )


def read_marker(metadata: Mapping[str, str], last_modified: str) -> Marker:
    """The marker of an object found at a target; one that is not ours is as new as its last change."""
    parts = metadata.get(ORDER_KEY, "").split("#")
    if TRANSFER_KEY not in metadata or len(parts) != 3:  # noqa: PLR2004
        return Marker("", last_modified)
    return Marker(metadata[TRANSFER_KEY], *parts)


def is_newer(own: Marker, other: Marker, versions: Callable[[], Iterable[str]]) -> bool:
    """True when the own version is to replace the other.

    `versions` gives the ids of the transfers of the source's versions, newest first; it is asked only when nothing
    cheaper decides.
    """
    if own.source != other.source:
        return (own.arrived_at, own.source) > (other.arrived_at, other.source)
    if own.sequencer and other.sequencer:
        width = max(len(own.sequencer), len(other.sequencer))
        return own.sequencer.rjust(width, "0") > other.sequencer.rjust(width, "0")
    for identity in versions():
        if identity in (own.transfer_id, other.transfer_id):
            return identity == own.transfer_id
    return (own.arrived_at, own.transfer_id) > (other.arrived_at, other.transfer_id)


def version_transfer_id(bucket: str, version: Mapping[str, Any]) -> str:
    """The transfer's id of an entry of ListObjectVersions."""
    return transfer_id(bucket, version["Key"], version["VersionId"])
