"""What policies are asked about: the resource that a request names, where ministack names none or `*`.

ministack maps requests to ARNs in one function. It is wrapped once; whoever knows better about some requests enters a
namer here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ministack.core import iam_actions

from local_cloud.symbols import PatchedSymbol

SYMBOLS = (PatchedSymbol("ministack.core.iam_actions", "extract_resource_arn", "82f51700695c62fd"),)


@dataclass(frozen=True)
class Asked:
    """A request as ministack has it; `parameters` are those of the query, and of the body of a Query protocol."""

    service: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    parameters: Any
    region: str
    account: str


Namer = Callable[[Asked], str | None]
"""The ARN that a request is about, `*` for none in particular; None for requests that it knows nothing of."""
_namers: list[Namer] = []


def name_resources(namer: Namer) -> None:
    """Asks the namer before those that were entered earlier, and before ministack."""
    if not _namers:
        _wrap()
    _namers.insert(0, namer)


def _wrap() -> None:
    original = iam_actions.extract_resource_arn

    def extract_resource_arn(*request: Any) -> str:
        asked = Asked(*request)
        for namer in _namers:
            found = namer(asked)
            if found is not None:
                return found
        return str(original(*request))

    iam_actions.extract_resource_arn = extract_resource_arn
