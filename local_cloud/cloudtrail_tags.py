"""A trail keeps the tags that it was made with, which ministack forgets: else every plan wants to set them again."""

from __future__ import annotations

import json
from typing import Any

from ministack.services import cloudtrail

from local_cloud.symbols import PatchedSymbol

SYMBOLS = (
    PatchedSymbol("ministack.services.cloudtrail", "handle_request", "1560fe4d73ba5c6f"),
    PatchedSymbol("ministack.services.cloudtrail", "_add_tags", "3db70ae0e8ecf3c8"),
)
_OK = 200


def install() -> None:
    """Wraps ministack's dispatcher."""
    handle = cloudtrail.handle_request

    async def handle_with_tags(method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Any:
        answer = await handle(method, path, headers, body, query)
        if headers.get("x-amz-target", "").endswith(".CreateTrail") and answer[0] == _OK:
            tags = json.loads(body).get("TagsList") or []
            cloudtrail._add_tags({"ResourceId": json.loads(answer[2])["TrailARN"], "TagsList": tags})
        return answer

    cloudtrail.handle_request = handle_with_tags
