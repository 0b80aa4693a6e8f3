"""Errors as RFC 9457 tells them: application/problem+json with a stable code and, for input, the path of each error."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

from shared.errors import NotFound, PermissionDenied, Throttled, Timeout, TowpathError, Transient, ValidationFailed
from shared.schemas import Problem

MEDIA_TYPE = "application/problem+json"
TYPES = "https://towpath.example/problems/"
RETRY_AFTER_SECONDS = "2"


class ApiProblem(Exception):
    """An answer that is not a success. The endpoint raises it; nothing else has to be done about it."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str = "",
        *,
        errors: Iterable[Problem] = (),
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.members = dict(members or {})
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """The document of RFC 9457, section 3."""
        document: dict[str, Any] = {
            "type": TYPES + self.code.lower().replace("_", "-"),
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
        }
        if self.detail:
            document["detail"] = self.detail
        if self.errors:
            document["errors"] = [{"path": each.path, "message": each.message} for each in self.errors]
        return {**document, **self.members}


def invalid(errors: Iterable[Problem], detail: str = "") -> ApiProblem:
    """400 with the path of each error."""
    found = tuple(errors)
    return ApiProblem(400, "VALIDATION_FAILED", detail or f"{len(found)} error(s) in the request", errors=found)


def not_found(what: str) -> ApiProblem:
    """404."""
    return ApiProblem(404, "NOT_FOUND", f"{what} does not exist")


def conflict(code: str, detail: str, **members: Any) -> ApiProblem:
    """409: right in itself, but not in the state that the thing is in."""
    return ApiProblem(409, code, detail, members=members)


def forbidden(permissions: Iterable[str]) -> ApiProblem:
    """403 naming what is missing."""
    needed = sorted(permissions)
    return ApiProblem(
        403, "FORBIDDEN", f"needs the permission {' or '.join(needed)}", members={"neededPermissions": needed}
    )


def stale(current_version: int) -> ApiProblem:
    """409: somebody changed it since it was read."""
    return conflict(
        "STALE_VERSION", f"it is at version {current_version} now: read it again", currentVersion=current_version
    )


def in_conflict(error: TowpathError) -> ApiProblem:
    """409 with the error's own code and words."""
    return conflict(error.code, str(error))


def try_again(error: TowpathError) -> ApiProblem:
    """503: the same request may succeed a moment later."""
    return ApiProblem(503, error.code, str(error), headers={"retry-after": RETRY_AFTER_SECONDS})


def told(error: Exception, problems: Mapping[type[Exception], Callable[[Any], ApiProblem]]) -> ApiProblem | None:
    """What a system's table makes of one of its own errors; None for those of the taxonomy, and for faults."""
    tell = next((tell for kind, tell in problems.items() if isinstance(error, kind)), None)
    return tell(error) if tell else None


def of_taxonomy(error: TowpathError) -> ApiProblem:
    """The problem for an error of the shared taxonomy; what is not in it is a fault of ours, told without detail.

    424: the API itself was refused by AWS, a role cannot be assumed for instance. It is neither the caller's lack of
    permission (403) nor a fault that passes (503).
    """
    for kind, status in (
        (ValidationFailed, 400),
        (NotFound, 404),
        (PermissionDenied, 424),
        (Throttled, 503),
        (Timeout, 503),
        (Transient, 503),
    ):
        if isinstance(error, kind):
            headers = {"retry-after": RETRY_AFTER_SECONDS} if error.retriable else {}
            return ApiProblem(status, error.code, str(error), headers=headers)
    return internal()


def internal(request_id: str = "") -> ApiProblem:
    """500; what happened is in the log, under the request's id."""
    members = {"requestId": request_id} if request_id else {}
    return ApiProblem(500, "INTERNAL_ERROR", "the request could not be carried out; the log says why", members=members)
