"""What S3's refusals of a copy mean."""

from __future__ import annotations

from botocore.exceptions import ClientError

from file_transfer.errors import ChecksumMismatch, NotFound, SourceGone, TowpathError, Transient, UploadGone
from shared.aws_errors import classify, error_code

SOURCE_CODES = frozenset({"NoSuchKey", "NoSuchVersion", "InvalidObjectState"})


def copy_error(error: Exception, uri: str) -> TowpathError:
    """The taxonomy's error; the caller raises it."""
    doing = f"copy to {uri}"
    code = error_code(error) if isinstance(error, ClientError) else ""
    if code in SOURCE_CODES:
        return SourceGone(f"{doing}: {error}")
    if code == "NoSuchUpload":
        return UploadGone(f"{doing}: the multipart upload does not exist any more")
    if code == "BadDigest":
        return ChecksumMismatch(f"{doing}: the parts do not add up to the source's checksum")
    if code == "InvalidPart":  # made again meanwhile, by a worker that was thought dead
        return Transient(f"{doing}: a part changed while the copy was completed")
    found = classify(error, doing)
    return found if not isinstance(found, NotFound) else NotFound(f"{doing}: the bucket does not exist")
