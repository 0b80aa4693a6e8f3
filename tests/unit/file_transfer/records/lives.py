"""Lives of status items with deliveries, groups and replays, image by image, from the real writes on moto's tables."""

from __future__ import annotations

from typing import Any

from tests.unit.file_transfer.history import Change, Image
from tests.unit.file_transfer.intake.async_world import AsyncWorld, outcome

REPLAY = {"kind": "towpath.replay", "replayId": "replay-1", "by": "anna@example.com"}


class Watched(AsyncWorld):
    """Keeps every image of the one item."""

    def __init__(self, dynamodb: Any) -> None:
        super().__init__(dynamodb)
        self.images: list[Image] = [{}]

    def look(self) -> Image:
        """The item as it is now; time goes on."""
        self.clock.forward(1)
        item = self.item()
        if item != self.images[-1]:
            self.images.append(item)
        return item

    def changes(self) -> list[Change]:
        return list(zip(self.images, self.images[1:], strict=False))


def delivered_later(dynamodb: Any) -> list[Change]:
    """Two deliveries that end one after the other, of which one has failed, and its retry that is made."""
    world = Watched(dynamodb)
    first = world.take(world.upload())
    world.look()
    world.await_deliveries(first)
    world.look()
    world.take(outcome(first, "bank"), "m2")
    world.look()
    closing = world.take(outcome(first, "clearing", "FAILED", reason="TRANSIENT"), "m3")
    world.look()
    world.finish(closing, "PARTIAL", "TRANSIENT")
    world.look()
    return world.changes()


def started_again(dynamodb: Any) -> list[Change]:
    """Deliveries that are started, and once more by the redelivery of their message."""
    world = Watched(dynamodb)
    event = world.upload()
    first = world.take(event)
    world.look()
    world.await_deliveries(first)
    world.look()
    again = world.take(event, receives=2)
    world.look()
    world.await_deliveries(again)
    world.look()
    return world.changes()


def held(dynamodb: Any) -> list[Change]:
    """A file that waits for its group and is delivered then."""
    world = Watched(dynamodb)
    world.define(rules={"group": {"by": "DONE_FILE", "pattern": r"\.done$"}})
    first = world.take(world.upload())
    world.look()
    world.finish(first, "HELD")
    world.look()
    transfer = first["transfer"]
    released = world.take({"kind": "towpath.retry", "pk": transfer["pk"], "sk": transfer["sk"], "attempt": 1}, "m2")
    world.look()
    results = [world.reached(each["id"]) for each in released["targets"]]
    world.finish(released, "SUCCESS", results=results)
    world.look()
    return world.changes()


def replayed(dynamodb: Any, status: str = "SUCCESS") -> list[Change]:
    """A failed transfer that is replayed and ends well, or fails again."""
    world = Watched(dynamodb)
    world.define()
    first = world.take(world.upload())
    world.look()
    world.finish(first, "FAILED", "PERMISSION_DENIED")
    world.look()
    transfer = first["transfer"]
    again = world.take({**REPLAY, "pk": transfer["pk"], "sk": transfer["sk"]}, "m2")
    world.look()
    good = status == "SUCCESS"
    results = [world.reached(each["id"]) for each in again["targets"]] if good else []
    world.finish(again, status, "" if good else "PERMISSION_DENIED", results)
    world.look()
    return world.changes()
