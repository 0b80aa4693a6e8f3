"""Policies on answers to tasks: SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat are about the state machine.

ministack checks them against `*`, so that a policy for one machine, as it should be written, permits nothing. Which
machine is meant is in the token.
"""

from __future__ import annotations

import json
from typing import Any

from ministack.core import iam_actions

from local_cloud.engines.states_tokens import machine_of
from local_cloud.symbols import PatchedSymbol

SYMBOLS = (PatchedSymbol("ministack.core.iam_actions", "extract_resource_arn", "82f51700695c62fd"),)


def install() -> None:
    """Wraps ministack's mapping of requests to the resources that policies are about."""
    original = iam_actions.extract_resource_arn

    def extract(service: str, method: str, path: str, headers: dict[str, str], body: bytes, *more: Any) -> str:
        if headers.get("x-amz-target", "").startswith("AWSStepFunctions.SendTask"):
            return _machine_of(body)
        return str(original(service, method, path, headers, body, *more))

    iam_actions.extract_resource_arn = extract


def _machine_of(body: bytes) -> str:
    try:
        token = json.loads(body or b"{}").get("taskToken", "")
    except (ValueError, AttributeError):
        return "*"
    return machine_of(str(token)) or "*"
