"""An execution of the state machine, call by call: between any two it may die, or somebody else may act."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.clock import stamp
from tests.properties.file_transfer import machine
from tests.properties.file_transfer.intake_queue import Message
from tests.unit.given import retry_message

if TYPE_CHECKING:
    from tests.properties.file_transfer.world import World

Run = Generator[None, "Step", None]
Result = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """What befalls the next call. `fails`: why a copy fails; `lost`: a write is made, and its answer never comes."""

    fails: str = ""
    lost: bool = False


def work(world: World, message: Message, answer: Mapping[str, Any]) -> Run:
    """Everything after Validate Input. A message is acknowledged at the very end, or given back."""
    yield  # the answer is there, nothing is done yet
    action, transfer = answer["action"], answer.get("transfer", {})
    if action == "WAIT":
        world.send(retry_message(transfer), answer["delaySeconds"])
        yield
    elif action == "REVIEW":
        done = yield from _write(world, message, answer["status"], transfer, [], answer["reason"])
        if not done:
            return
    elif action in ("COPY", "PREPARE", "CLOSE"):
        done = yield from _carry_out(world, message, answer, transfer)
        if not done:
            return
    world.queue.acknowledge(message.id)


def _carry_out(
    world: World, message: Message, answer: Mapping[str, Any], transfer: Mapping[str, Any]
) -> Generator[None, Step, bool]:
    if answer["action"] == "PREPARE":
        world.outside.members[transfer["pk"], transfer["sk"]] = transfer["attempt"]
        yield  # the membership is written; now the marker is looked for
        if not world.outside.marker:
            yield
            return (yield from _hold(world, message, transfer))
    results = answer.get("results")
    if results is None:
        results = []
        for target in answer["targets"]:
            step = yield
            results.append(_delivered(world, target, step))
    started = [each for each in results if each["state"] == "STARTED"]
    if not started:
        status, reason = machine.outcome_of(transfer, results)
        return (yield from _write(world, message, status, transfer, results, reason))
    return (yield from _start(world, message, transfer, results, started))


def _delivered(world: World, target: Mapping[str, Any], step: Step) -> Result:
    """The Map's answer for one target."""
    attempts = target["attempts"] + 1
    result: Result = {"id": target["id"], "target": target}
    if target.get("state") == "STARTED":
        return result | {"state": "STARTED", "operation": target["operation"]}
    if target["type"] == "CONNECTOR":
        record = {"state": "STARTED", "kind": "CONNECTOR", "operation": target["operation"], "attempts": attempts}
        at = {"at": stamp(world.clock())}
        return result | {"state": "STARTED", "operation": target["operation"], "record": record | at}
    if step.fails:
        record = {"state": "FAILED", "attempts": attempts, "error": step.fails, "at": stamp(world.clock())}
        return result | {"state": "FAILED", "reason": step.fails, "record": record}
    world.outside.copy(target)
    record = {"state": "SUCCEEDED", "attempts": attempts, "at": stamp(world.clock())}
    return result | {"state": "SUCCEEDED", "record": record}


def _start(
    world: World, message: Message, transfer: Mapping[str, Any], results: list[Result], started: list[Result]
) -> Generator[None, Step, bool]:
    """Await Deliveries, then Start Deliveries."""
    step = yield
    held = machine.await_deliveries(world.dynamodb, world.table, transfer, results, world.clock())
    world.has_written(message, transfer, held)
    if step.lost or not held:
        return _returned(world, message)
    for each in started:
        step = yield
        order = {"transfer": transfer, "target": each["target"], "operation": each["operation"]}
        problem = world.outside.start(order)
        world.broken.extend([problem] if problem else [])
        if step.lost:
            return _returned(world, message)
    yield
    return True


def _hold(world: World, message: Message, transfer: Mapping[str, Any]) -> Generator[None, Step, bool]:
    step = yield
    held = machine.hold(world.dynamodb, world.table, transfer, world.clock())
    world.has_written(message, transfer, held)
    return _returned(world, message) if step.lost or not held else True


def _write(  # noqa: PLR0913  (a settle has these parts)
    world: World, message: Message, status: str, transfer: Mapping[str, Any], results: list[Result], reason: str
) -> Generator[None, Step, bool]:
    """A settle, and the retry's message after it."""
    step = yield
    if "pk" in transfer:
        held = machine.settle(world.dynamodb, world.table, transfer, status, results, world.clock(), reason)
        world.has_written(message, transfer, held)
        if step.lost or not held:
            return _returned(world, message)
    yield
    if status == "RETRYING":
        world.send(retry_message(dict(transfer)), machine.RETRY_SECONDS)
        yield
    return True


def _returned(world: World, message: Message) -> bool:
    world.queue.give_back(message.id, world.clock())
    return False
