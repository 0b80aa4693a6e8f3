"""Scripts of a run: what happens, in which order. A script is all that a run depends on."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.properties.file_transfer.workers import Step
from tests.properties.file_transfer.world import CONNECTORS, World
from tests.unit.given import s3_event

#: The more often, the likelier.
KINDS = (
    *("receive",) * 5,
    *("step",) * 9,
    *("time",) * 3,
    *("end",) * 3,
    "die",
    "again",
    "event",
    "sweep",
    "replay",
    "late",
    "marker",
)
SECONDS = (1, 12, 31, 100, 350, 2000, 8000)
FAILURES = ("", "", "", "", "TRANSIENT", "TRANSIENT", "PERMISSION_DENIED")
STATES = ("SUCCEEDED", "SUCCEEDED", "FAILED", "SKIPPED")


@dataclass(frozen=True)
class Deed:
    """One thing that happens; `odd` is whether it goes wrong, `choice` which of several it befalls."""

    kind: str
    choice: int = 0
    odd: bool = False


def carry_out(deeds: Sequence[Deed], *, grouped: bool = False) -> World:
    """The world after all of them, once it has calmed down; what did not end well is replayed."""
    world = World(grouped=grouped)
    for deed in deeds:
        _DEEDS[deed.kind](world, deed)
    world.calm_down()
    _check_ended(world)
    if not world.broken and world.item()["status"] not in ("SUCCESS", "SUPERSEDED"):
        world.replay()
        world.calm_down()
        _check_ended(world)
        if world.item()["status"] != "SUCCESS":
            world.broken.append(f"{world.item()['status']} after a replay in which nothing failed")
    return world


def some(seed: int, length: int = 70) -> list[Deed]:
    """The same deeds for the same seed."""
    chance = random.Random(seed)  # noqa: S311  (not for secrets)
    return [Deed(chance.choice(KINDS), chance.randrange(12), chance.random() < 1 / 6) for _ in range(length)]


def _check_ended(world: World) -> None:
    """Nothing is lost, and nothing is delivered twice but by somebody's leave."""
    item = world.item()
    if world.queue.messages or item["status"] not in ("SUCCESS", "SUPERSEDED", "FAILED", "PARTIAL", "REJECTED"):
        world.broken.append(f"{item['status']} with messages {sorted(world.queue.messages)} has not ended")
    if item["status"] == "SUCCESS" and not world.outside.copies["s3"]:
        world.broken.append("SUCCESS without a copy")
    if item.get("replays", 0) > world.replays:
        world.broken.append(f"{item['replays']} replays, of which {world.replays} were asked for")
    for name in CONNECTORS:
        skipped = any(each.ended == "SKIPPED" for each in world.outside.to(name))
        if item["status"] == "SUCCESS" and not world.outside.sent[name] and not skipped:
            world.broken.append(f"SUCCESS without a delivery to {name}")


def _pass_time(world: World, deed: Deed) -> None:
    world.clock.forward(SECONDS[deed.choice % len(SECONDS)])


_DEEDS: dict[str, Callable[[World, Deed], None]] = {
    "receive": lambda world, deed: world.receive(deed.choice),
    "again": lambda world, deed: world.receive(deed.choice, again=True),
    "step": lambda world, deed: world.step(deed.choice, Step(FAILURES[deed.choice % len(FAILURES)], deed.odd)),
    "time": _pass_time,
    "end": lambda world, deed: world.end_delivery(
        deed.choice,
        STATES[deed.choice % len(STATES)],
        lost=deed.odd,
        twice=deed.choice > 9,  # noqa: PLR2004
    ),
    "die": lambda world, deed: world.die(deed.choice),
    "event": lambda world, _deed: world.send(s3_event(), 0),
    "sweep": lambda world, _deed: world.sweep(),
    "replay": lambda world, deed: world.replay(twice=deed.odd),
    "late": lambda world, deed: world.late_answer(deed.choice),
    "marker": lambda world, _deed: world.marker_arrives(),
}
