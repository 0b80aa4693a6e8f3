"""What can go wrong with a transfer, as exceptions of the copy step and as codes in records.

The class name is the error name the state machine sees; its code is `failureReason` in the tables.
"""

from __future__ import annotations

from shared.errors import (
    NotFound,
    PermissionDenied,
    Throttled,
    Timeout,
    TowpathError,
    Transient,
    ValidationFailed,
)

__all__ = [
    "PERMANENT_CODES",
    "ChecksumMismatch",
    "FileTooLarge",
    "LoopGuard",
    "NotFound",
    "PermissionDenied",
    "Rejection",
    "SourceGone",
    "TargetExists",
    "Throttled",
    "Timeout",
    "TowpathError",
    "Transient",
    "UploadGone",
    "ValidationFailed",
]


class ChecksumMismatch(TowpathError):
    """The copy is not the bytes of the source."""


class TargetExists(TowpathError):
    """The target holds another object and its policy is `fail`."""


class LoopGuard(TowpathError):
    """The target lies where files arrive: the copy would start a transfer of itself."""


class FileTooLarge(TowpathError):
    """More bytes than the system is set to copy."""


class SourceGone(TowpathError):
    """The version to copy does not exist any more, or is archived and cannot be read."""


class UploadGone(TowpathError):
    """The multipart upload was aborted or completed by somebody else; with a new one the copy may succeed."""

    retriable = True


class Rejection(Exception):
    """A transfer that must not be tried: how to settle it, and why. Never leaves the handler."""

    def __init__(self, reason: str, message: str, status: str = "REJECTED") -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.settle_as = status


#: Failures of a copy that no retry mends. Everything else is retried: THROTTLED, TRANSIENT, TIMEOUT, and whatever a
#: crash is called. The state machine holds the same list; a test keeps the two equal.
PERMANENT_CODES = frozenset(
    {
        PermissionDenied.code,
        NotFound.code,
        SourceGone.code,
        ChecksumMismatch.code,
        TargetExists.code,
        LoopGuard.code,
        FileTooLarge.code,
        ValidationFailed.code,
        "UNSUPPORTED_TARGET",
    }
)
