"""Pages of a listing."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from local_cloud.aws_models.errors import ApiError
from local_cloud.drs.state import Record

# The most that a Describe call gives at once, whatever was asked for.
LARGEST = 200


def page(items: Sequence[Record], parameters: Record, key: str, size: int | None = None) -> dict[str, Any]:
    """`items` of one page and `nextToken` unless it is the last; `size` makes pages smaller than asked for.

    The token names the last item given (`key` is its id), so that items which come in between are neither repeated nor
    do they shift the others. Raises ApiError ValidationException for a token that is none of ours.
    """
    begin = _after(items, parameters.get("nextToken"), key)
    most = min(parameters.get("maxResults") or LARGEST, LARGEST, size or LARGEST)
    chosen = items[begin : begin + most]
    answer: dict[str, Any] = {"items": list(chosen)}
    if begin + most < len(items):
        token = json.dumps({"after": chosen[-1][key], "position": begin + most})
        answer["nextToken"] = base64.urlsafe_b64encode(token.encode()).decode()
    return answer


def _after(items: Sequence[Record], token: str | None, key: str) -> int:
    if not token:
        return 0
    try:
        given = json.loads(base64.urlsafe_b64decode(token))
        last, position = str(given["after"]), int(given["position"])
    except (ValueError, KeyError, TypeError) as error:
        raise ApiError("ValidationException", "nextToken is not one of this service", reason="other") from error
    found = next((number for number, each in enumerate(items) if each[key] == last), None)
    return position if found is None else found + 1
