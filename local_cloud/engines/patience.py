"""Trying again what a service of AWS would try again on its own account."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

_ATTEMPTS = 6
_FIRST_PAUSE = 0.05
_SERVER_ERRORS = 500
_TOO_MANY_REQUESTS = 429
T = TypeVar("T")


def patiently(call: Callable[[], T]) -> T:
    """The result of `call`, repeated a few times while it fails for a passing reason; then its error is raised.

    Passing are throttling, server errors and lost connections. For calls that may be repeated without harm only.
    """
    for attempt in range(_ATTEMPTS - 1):
        try:
            return call()
        except (ClientError, BotoCoreError) as error:
            if not _passes(error):
                raise
        time.sleep(_FIRST_PAUSE * 2**attempt)
    return call()


def _passes(error: ClientError | BotoCoreError) -> bool:
    if not isinstance(error, ClientError):
        return True
    status = error.response["ResponseMetadata"].get("HTTPStatusCode", 0)
    return status >= _SERVER_ERRORS or status == _TOO_MANY_REQUESTS or "Throttl" in error.response["Error"]["Code"]
