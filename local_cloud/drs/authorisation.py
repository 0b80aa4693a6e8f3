"""DRS in EC2 with the permissions of whoever started the job, as the local IAM has them."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

from local_cloud.aws_models.authorisation import Policies
from local_cloud.drs.permissions import Authorise, Need

TAG = "AWSElasticDisasterRecoveryManaged"
VIA = {
    "aws:ViaAWSService": "true",
    "aws:CalledVia": ["drs.amazonaws.com"],
    "aws:CalledViaFirst": "drs.amazonaws.com",
    "aws:CalledViaLast": "drs.amazonaws.com",
}
# Hundreds of servers ask the same. A changed policy takes a moment to be heard of, as on AWS.
_REMEMBERED_SECONDS = 1.0
_lock = threading.Lock()
_answers: dict[tuple[str, str, tuple[Need, ...]], tuple[float, list[str]]] = {}


def authorise_in(account: str, region: str) -> Authorise:
    """The question for jobs of one account and Region."""

    def denied(principal: str, needs: Sequence[Need], server: str) -> list[str]:
        key, now = (f"{account} {region} {principal}", _place(needs, server), tuple(needs)), time.monotonic()
        with _lock:
            known = _answers.get(key)
            if known is None or now - known[0] > _REMEMBERED_SECONDS:
                _answers[key] = known = (now, _denied(account, region, principal, needs, server))
            return known[1]

    return denied


def _place(needs: Sequence[Need], server: str) -> str:
    return server if any(need.resource == "source-server" for need in needs) else ""


def _denied(account: str, region: str, principal: str, needs: Sequence[Need], server: str) -> list[str]:
    policies = Policies(principal)
    refused = [
        need.action
        for need in needs
        if not policies.allow(need.action, resource_of(need, account, region, server), region, keys_of(need))
    ]
    return list(dict.fromkeys(refused))


def resource_of(need: Need, account: str, region: str, server: str) -> str:
    """ARN of something of the kind that a need is about."""
    if need.resource == "*":
        return "*"
    if need.resource.startswith("role/"):
        return f"arn:aws:iam::{account}:{need.resource}"
    if need.resource in ("source-server", "job"):
        identifier = server if need.resource == "source-server" else f"drsjob-{'0' * 17}"
        return f"arn:aws:drs:{region}:{account}:{need.resource}/{identifier}"
    owner = "" if need.resource == "image" else account
    return f"arn:aws:ec2:{region}:{owner}:{need.resource}/simulated"


def keys_of(need: Need) -> dict[str, Any]:
    """Condition keys of DRS's request. What DRS checks before it makes a job is the caller's own call."""
    if need.action.startswith("drs:"):
        return {}
    keys: dict[str, Any] = {**VIA, **dict(need.keys)}
    if need.tagging == "managed":
        keys |= {f"aws:ResourceTag/{TAG}": "drs.amazonaws.com", f"ec2:ResourceTag/{TAG}": "drs.amazonaws.com"}
    if need.tagging == "created":
        keys |= {f"aws:RequestTag/{TAG}": "drs.amazonaws.com", "aws:TagKeys": [TAG]}
    return keys
