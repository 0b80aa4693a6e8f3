"""Calls under way, and the answers that they get."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from local_cloud.aws_models.models import model_of
from local_cloud.aws_models.values import from_json
from local_cloud.quicksight.documents import SERVICE
from local_cloud.quicksight.errors import refusal
from local_cloud.quicksight.state import Record, plain
from local_cloud.simulation.clock import Stamp, moment

# Where a call does not say how many it wants: API reference, MaxResults.
LARGEST = 100


@dataclass(frozen=True)
class Call:
    """`parameters` are as boto3 gives them, `size` is the largest page the call may get, None without such a limit."""

    operation: str
    at: Stamp
    parameters: Record
    principal: str
    size: int | None


def seconds(at: Stamp) -> float:
    """A time as JSON has it in answers."""
    return moment(at).timestamp()


def answer_of(call: Call, value: Any) -> Record:
    """A JSON value as the operation's answer, in the types of boto3; members that the answer does not have go."""
    shape = model_of(SERVICE).operation_model(call.operation).output_shape
    general = {"Status": 200, "RequestId": str(uuid5(NAMESPACE_OID, f"{call.operation} {call.at} {call.principal}"))}
    found: Record = from_json(shape, fitting(shape, {**general, **plain(value)}))
    return found


def fitting(shape: Any, value: Any) -> Any:
    """The value without members that its shape does not know, and without those that have no value."""
    if shape.type_name == "structure" and isinstance(value, dict):
        return {
            name: fitting(shape.members[name], each)
            for name, each in value.items()
            if name in shape.members and each is not None
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [fitting(shape.member, each) for each in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {name: fitting(shape.value, each) for name, each in value.items()}
    return value


def page(call: Call, member: str, items: Sequence[Record | str], **more: Any) -> Record:
    """One page of a listing. Raises ApiError InvalidNextTokenException for a token that is none of ours."""
    begin = _position(call.parameters.get("NextToken"))
    most = min(call.parameters.get("MaxResults") or LARGEST, LARGEST, call.size or LARGEST)
    answer: Record = {member: list(items[begin : begin + most]), **more}
    if begin + most < len(items):
        answer["NextToken"] = base64.urlsafe_b64encode(json.dumps({"position": begin + most}).encode()).decode()
    return answer_of(call, answer)


def _position(token: str | None) -> int:
    if not token:
        return 0
    try:
        return int(json.loads(base64.urlsafe_b64decode(token))["position"])
    except (ValueError, KeyError, TypeError) as error:
        raise refusal("InvalidNextTokenException", "the token is not one of this service") from error
