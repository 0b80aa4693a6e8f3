"""The error taxonomy every system starts from.

The class name is what a state machine sees as the error name; `code` (the same in UPPER_SNAKE) is what records,
metrics and people see.
"""

from __future__ import annotations

import re
from typing import ClassVar


def code_of(class_name: str) -> str:
    """`PermissionDenied` → `PERMISSION_DENIED`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", class_name).upper()


class TowpathError(Exception):
    """Base of all errors raised on purpose. `retriable` says whether the same call may succeed later."""

    retriable: ClassVar[bool] = False
    code: ClassVar[str] = "TOWPATH_ERROR"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.code = code_of(cls.__name__)


class Transient(TowpathError):
    """A fault of the moment: a 5xx, a dropped connection, a lost race."""

    retriable = True


class Throttled(TowpathError):
    """The service asked us to slow down."""

    retriable = True


class Timeout(TowpathError):
    """No answer in time; the call may or may not have been carried out."""

    retriable = True


class PermissionDenied(TowpathError):
    """IAM, a bucket policy or a key policy said no."""


class NotFound(TowpathError):
    """What the call names does not exist."""


class ValidationFailed(TowpathError):
    """A value breaks a rule that no retry will mend."""


class LostRace(Transient):
    """Somebody else wrote the record first; whoever reads again sees what they wrote."""


class StaleToken(TowpathError):
    """The machine does not wait for this token any more: it was answered, or its task ended."""


class WrongState(TowpathError):
    """What is asked for cannot be done in the status in which the thing is; the API answers 409."""
