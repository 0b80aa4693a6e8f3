"""Batch calls of SQS are authorised by the single action.

AWS documents that a policy grants `sqs:SendMessage`, `sqs:DeleteMessage` and `sqs:ChangeMessageVisibility`, which
cover the calls that end in `Batch`; ministack looks for actions of that longer name, which no policy can grant.
"""

from __future__ import annotations

from typing import Any

from ministack.core import iam_actions

from local_cloud.symbols import PatchedSymbol

SYMBOLS = (PatchedSymbol("ministack.core.iam_actions", "extract_iam_action", "ec476b92d969822b"),)


def install() -> None:
    """Wraps ministack's mapping of requests to IAM actions."""
    original = iam_actions.extract_iam_action

    def extract(service: str, *request: Any, **named: Any) -> str | None:
        action: str | None = original(service, *request, **named)
        return action.removesuffix("Batch") if service == "sqs" and action else action

    iam_actions.extract_iam_action = extract
