"""How a simulated service refuses a call."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any


class ApiError(Exception):
    """An error answer: `code` as in the API reference, HTTP `status`, and further members of the error's shape."""

    def __init__(self, code: str, message: str, status: int = HTTPStatus.BAD_REQUEST, **members: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status, self.members = code, message, int(status), members


class LostResponse(Exception):
    """The call was carried out, and its answer never arrives."""


class AnswerBreaksModel(AssertionError):
    """A simulator answered something that the service's model does not allow: a bug of the simulator."""
