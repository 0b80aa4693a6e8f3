"""S3's EventBridge events name the version of the object.

ministack knows the version when it sends the event, but puts it into bucket notifications only. Shape: S3 user guide,
"Using EventBridge": `detail.object` has `version-id` when the bucket is versioned.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from ministack.services import eventbridge, s3

from local_cloud.symbols import PatchedSymbol

SYMBOLS = (
    PatchedSymbol("ministack.services.s3", "_fire_s3_event", "2ab38cfade76bf2e"),
    PatchedSymbol("ministack.services.eventbridge", "_dispatch_event", "d1bfe064f602d11c"),
)
_version: ContextVar[str | None] = ContextVar("towpath_s3_event_version", default=None)


def install() -> None:
    """Carries the version from where S3 makes the event to where EventBridge takes it."""
    fire: Callable[..., None] = s3._fire_s3_event
    dispatch: Callable[..., None] = eventbridge._dispatch_event

    def fire_s3_event(*args: Any, **options: Any) -> None:
        token = _version.set(options.get("version_id"))
        try:
            fire(*args, **options)
        finally:
            _version.reset(token)

    def dispatch_event(event: dict[str, Any], view: Any = None) -> None:
        version = _version.get()
        if version and event.get("Source") == "aws.s3":
            detail = json.loads(event["Detail"])
            detail["object"].setdefault("version-id", version)
            event = {**event, "Detail": json.dumps(detail)}
        dispatch(event, view)

    s3._fire_s3_event = fire_s3_event
    eventbridge._dispatch_event = dispatch_event
