"""One copy of one version to one target, made at most once whatever gets lost on the way.

The first copy may only create the target. If something is there, the object itself says what it is: our own copy is
adopted (an earlier attempt made it, whatever became of its answer), anything else is handled as the overwrite
policy says. A newer version replaces an older one only if that is still the one that was seen.

What S3 offers for that compares entity tags, not versions. If a copy hangs inside S3 while two newer versions come
and go, and the second has the very bytes the first copy saw, the late copy would win; nothing can tell them apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from file_transfer.copying import order
from file_transfer.copying.copy_request import copy_arguments
from file_transfer.errors import (
    ChecksumMismatch,
    FileTooLarge,
    LoopGuard,
    NotFound,
    SourceGone,
    TargetExists,
    TowpathError,
    Transient,
)
from file_transfer.intake.messages import bare_etag
from file_transfer.intake.source import Source
from file_transfer.settings import Settings
from shared.aws_errors import classify, error_code, http_status, is_ambiguous

TRIES = 4
#: 412: the condition on the target (or on the source) does not hold. 409: another write is under way.
CONFLICTS = (412, 409)
SOURCE_CODES = frozenset({"NoSuchKey", "NoSuchVersion", "InvalidObjectState"})


class Objects(Protocol):
    """HEAD and version lists, as file_transfer.intake.source.SourceReader has them."""

    def head(self, bucket: str, key: str, version_id: str = "") -> Source | None: ...
    def versions(self, bucket: str, key: str) -> Iterator[dict[str, Any]]: ...


@dataclass(frozen=True)
class Outcome:
    """`state` is SUCCEEDED or SKIPPED. `adopted`: the copy had been made before."""

    state: str
    reason: str = ""
    etag: str = ""
    checksum: str = ""
    version_id: str = ""
    adopted: bool = False


@dataclass(frozen=True)
class Copier:
    """`s3` must be a client that never retries by itself."""

    settings: Settings
    s3: Any
    objects: Objects

    def copy(self, transfer: Mapping[str, Any], target: Mapping[str, Any]) -> Outcome:
        """Raises the taxonomy's errors; after any of them the same call may be made again without harm."""
        self._guard(transfer, target)
        transfer = self._with_source(transfer)
        marker = order.marker_of(transfer)
        arguments = copy_arguments(transfer, target, marker)
        condition = {"IfNoneMatch": "*"}
        for _ in range(TRIES):
            made = self._try(arguments | condition, transfer, target, marker)
            if made:
                return made
            existing = self.objects.head(target["bucket"], target["key"])
            if existing is None:
                self._check_source(transfer)
                condition = {"IfNoneMatch": "*"}
                continue
            settled = self._meet(existing, transfer, target, marker)
            if settled:
                return settled
            condition = {"IfMatch": f'"{existing.etag}"'}
        raise Transient(f"{target['uri']} kept changing while it was written")

    def _guard(self, transfer: Mapping[str, Any], target: Mapping[str, Any]) -> None:
        itself = (transfer["bucket"], transfer["key"]) == (target["bucket"], target["key"])
        if itself or self.settings.watched.watches(target["bucket"], target["key"]):
            raise LoopGuard(f"{target['uri']} lies where files arrive")
        if transfer["sizeBytes"] > self.settings.max_copy_bytes:
            raise FileTooLarge(f"{transfer['sizeBytes']} bytes; at most {self.settings.max_copy_bytes} can be copied")

    def _with_source(self, transfer: Mapping[str, Any]) -> Mapping[str, Any]:
        """With the properties a first attempt has from Validate Input and a retry does not carry along."""
        if "userMetadata" in transfer:
            return transfer
        source = self._source(transfer)
        return {
            **transfer,
            "contentType": source.content_type,
            "headers": source.headers,
            "userMetadata": source.user_metadata,
            "checksum": source.checksum,
        }

    def _source(self, transfer: Mapping[str, Any]) -> Source:
        source = self.objects.head(transfer["bucket"], transfer["key"], transfer.get("versionId", ""))
        if source is None or source.etag != transfer["etag"]:
            raise SourceGone(f"{transfer['bucket']}/{transfer['key']}: the claimed version does not exist any more")
        return source

    def _check_source(self, transfer: Mapping[str, Any]) -> None:
        """A condition failed and there is no target: then it may have been the source's."""
        self._source(transfer)

    def _try(
        self, arguments: dict[str, Any], transfer: Mapping[str, Any], target: Mapping[str, Any], marker: order.Marker
    ) -> Outcome | None:
        """The copy, or None when a condition kept it from being made."""
        try:
            answer = self.s3.copy_object(**arguments)
        except (ClientError, BotoCoreError) as error:
            if isinstance(error, ClientError) and http_status(error) in CONFLICTS:
                return None
            if is_ambiguous(error):
                adopted = self._made_after_all(transfer, target, marker)
                if adopted:
                    return adopted
            raise _copy_error(error, target["uri"]) from error
        result = answer.get("CopyObjectResult", {})
        checksum = result.get("ChecksumCRC64NVME", "")
        _compare_checksums(transfer.get("checksum", ""), checksum, target["uri"])
        return Outcome("SUCCEEDED", "", bare_etag(result.get("ETag")) or "", checksum, answer.get("VersionId", ""))

    def _made_after_all(
        self, transfer: Mapping[str, Any], target: Mapping[str, Any], marker: order.Marker
    ) -> Outcome | None:
        """One look at the target after an answer was lost; if even that fails, the first error is what counts."""
        try:
            existing = self.objects.head(target["bucket"], target["key"])
        except TowpathError:
            return None
        if existing and _marker(existing).transfer_id == marker.transfer_id:
            return _adopt(existing, transfer, target["uri"])
        return None

    def _meet(
        self, existing: Source, transfer: Mapping[str, Any], target: Mapping[str, Any], marker: order.Marker
    ) -> Outcome | None:
        """What is at the target decides; None means: replace it."""
        found = _marker(existing)
        if found.transfer_id == marker.transfer_id:
            return _adopt(existing, transfer, target["uri"])
        if target["overwrite"] == "never":
            return Outcome("SKIPPED", "EXISTS")
        if target["overwrite"] != "newest-wins":
            raise TargetExists(f"{target['uri']} exists and is not this file")
        if order.is_newer(marker, found, lambda: self._version_ids(transfer)):
            return None
        return Outcome("SKIPPED", "NEWER_EXISTS")

    def _version_ids(self, transfer: Mapping[str, Any]) -> Iterator[str]:
        for version in self.objects.versions(transfer["bucket"], transfer["key"]):
            yield order.version_transfer_id(transfer["bucket"], version)


def _marker(existing: Source) -> order.Marker:
    return order.read_marker(existing.user_metadata, existing.arrived_at)


def _adopt(existing: Source, transfer: Mapping[str, Any], uri: str) -> Outcome:
    if existing.size != transfer["sizeBytes"]:
        raise ChecksumMismatch(f"{uri} has {existing.size} bytes, the source {transfer['sizeBytes']}")
    _compare_checksums(transfer.get("checksum", ""), existing.checksum, uri)
    return Outcome("SUCCEEDED", "", existing.etag, existing.checksum, existing.version_id, adopted=True)


def _compare_checksums(source: str, target: str, uri: str) -> None:
    if source and target and source != target:
        raise ChecksumMismatch(f"{uri}: CRC64NVME is {target}, that of the source {source}")


def _copy_error(error: Exception, uri: str) -> TowpathError:
    if isinstance(error, ClientError) and error_code(error) in SOURCE_CODES:
        return SourceGone(f"copy to {uri}: {error}")
    found = classify(error, f"copy to {uri}")
    return found if not isinstance(found, NotFound) else NotFound(f"copy to {uri}: the bucket does not exist")
