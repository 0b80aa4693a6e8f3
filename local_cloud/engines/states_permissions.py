"""Policies on answers to tasks: SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat are about the state machine.

ministack checks them against `*`, so that a policy for one machine, as it should be written, permits nothing. Which
machine is meant is in the token.
"""

from __future__ import annotations

import json

from local_cloud import policy_resources
from local_cloud.engines.states_tokens import machine_of
from local_cloud.policy_resources import Asked

SYMBOLS = policy_resources.SYMBOLS


def install() -> None:
    """Names the state machine of every answer to a task."""
    policy_resources.name_resources(_resource_of)


def _resource_of(asked: Asked) -> str | None:
    if asked.headers.get("x-amz-target", "").startswith("AWSStepFunctions.SendTask"):
        return _machine_of(asked.body)
    return None


def _machine_of(body: bytes) -> str:
    try:
        token = json.loads(body or b"{}").get("taskToken", "")
    except (ValueError, AttributeError):
        return "*"
    return machine_of(str(token)) or "*"
