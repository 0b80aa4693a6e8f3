"""The failure of a state, as Retry and Catch see it: `error` and `cause`."""

from __future__ import annotations

from typing import Any

from ministack.services import stepfunctions

# ministack's own class, because its helpers raise it as well.
ExecutionError = stepfunctions._ExecutionError
Json = Any
