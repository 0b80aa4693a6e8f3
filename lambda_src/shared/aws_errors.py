"""From botocore's exceptions to the taxonomy.

Codes are those of the S3, DynamoDB and SNS API references; what is not listed is judged by its HTTP status.
"""

from __future__ import annotations

from botocore.exceptions import ClientError, HTTPClientError, ReadTimeoutError

from shared.errors import NotFound, PermissionDenied, Throttled, Timeout, TowpathError, Transient, ValidationFailed

THROTTLING_CODES = frozenset(
    {
        "SlowDown",
        "Throttled",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "KMS.ThrottlingException",
    }
)
DENIED_CODES = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AllAccessDisabled",
        "AuthorizationError",
        "AuthorizationErrorException",
        "Forbidden",
        "KMS.DisabledException",
        "KMSDisabledException",
        "KMSAccessDeniedException",
        "403",
    }
)
TRANSIENT_CODES = frozenset(
    {"RequestTimeout", "RequestTimeTooSkewed", "OperationAborted", "ConditionalRequestConflict", "ExpiredToken"}
)
MISSING_CODES = frozenset(
    {"404", "NoSuchBucket", "NoSuchKey", "NoSuchVersion", "NotFound", "NotFoundException", "ResourceNotFoundException"}
)
SERVER_FAULT = 500
CLIENT_FAULT = 400


def error_code(error: ClientError) -> str:
    """The service's own code, e.g. `SlowDown`; a HEAD has no body, so it is the HTTP status as text."""
    return str(error.response.get("Error", {}).get("Code", ""))


def http_status(error: ClientError) -> int:
    """The HTTP status of the answer, 0 if there was none."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def is_ambiguous(error: Exception) -> bool:
    """True when the call may have been carried out although it failed here: no answer, or a 5xx.

    What fails before the request is sent (no connection, no credentials) is not an HTTPClientError.
    """
    if isinstance(error, HTTPClientError):
        return True
    return isinstance(error, ClientError) and http_status(error) >= SERVER_FAULT


def classify(error: Exception, doing: str) -> TowpathError:
    """The taxonomy's exception for a botocore one; the message says what was being done. The caller raises it."""
    message = f"{doing}: {_plain(error)}"
    if isinstance(error, ReadTimeoutError):
        return Timeout(message)
    if not isinstance(error, ClientError):
        return Transient(message)
    return _class_of(error_code(error), http_status(error))(message)


def _plain(error: Exception) -> str:
    """What the service said: botocore's own sentence around it only takes the room of a status item's message."""
    if not isinstance(error, ClientError):
        return str(error)
    said = str(error.response.get("Error", {}).get("Message", ""))
    return f"{error_code(error)} on {error.operation_name}{': ' + said if said else ''}"


def _class_of(code: str, status: int) -> type[TowpathError]:
    for codes, kind in (
        (THROTTLING_CODES, Throttled),
        (DENIED_CODES, PermissionDenied),
        (MISSING_CODES, NotFound),
        (TRANSIENT_CODES, Transient),
    ):
        if code in codes:
            return kind
    if CLIENT_FAULT <= status < SERVER_FAULT and code in ("InvalidRequest", "InvalidArgument", "ValidationException"):
        return ValidationFailed
    return Transient
