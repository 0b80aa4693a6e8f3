"""A topic that can refuse."""

from __future__ import annotations

from typing import Any

from tests.unit.fake_s3 import error


class FakeSns:
    """Keeps what was published; the next `refusals` calls fail."""

    def __init__(self) -> None:
        self.published: list[dict[str, Any]] = []
        self.refusals = 0

    def publish(self, **arguments: Any) -> dict[str, str]:
        if self.refusals:
            self.refusals -= 1
            raise error(500, "InternalError", "Publish")
        self.published.append(arguments)
        return {"MessageId": f"id-{len(self.published)}"}
