"""The three entry points of connectors: what they import, what they give back to their queues."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from file_transfer import connector_events, send_to_connectors, start_pulls
from file_transfer.errors import SourceGone, Transient
from tests.unit.file_transfer.connectors.world import ALIAS, CONNECTOR, World, lost, refusal

LAMBDA_SRC = Path(__file__).parents[4] / "lambda_src"
HANDLERS = {"send_to_connectors": "sender", "connector_events": "hearer", "start_pulls": "watcher"}


@pytest.fixture(autouse=True)
def _wired(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = SimpleNamespace(sender=world.sender, hearer=world.hearer, watcher=world.watcher)
    for module in (send_to_connectors, connector_events, start_pulls):
        monkeypatch.setattr(module, "parts", lambda: parts)


def batch(*bodies: Any, receives: int = 1) -> dict[str, Any]:
    """SQS records called m0, m1, …"""
    attributes = {"ApproximateReceiveCount": str(receives)}
    texts = [each if isinstance(each, str) else json.dumps(each) for each in bodies]
    return {
        "Records": [
            {"messageId": f"m{number}", "body": text, "attributes": attributes} for number, text in enumerate(texts)
        ]
    }


def failed(answer: dict[str, Any]) -> list[str]:
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


@pytest.mark.parametrize("module", HANDLERS)
def test_importing_a_handler_imports_nothing_heavy(module: str) -> None:
    heavy = {"boto3", "jsonschema", "aws_xray_sdk"}
    code = f"import sys, file_transfer.{module}; print(sorted(set(sys.modules) & {heavy}))"
    answer = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env={"PYTHONPATH": str(LAMBDA_SRC)}
    )
    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize("module", HANDLERS)
def test_the_wiring_of_a_handler_needs_no_network(module: str) -> None:
    env = {"PYTHONPATH": str(LAMBDA_SRC), "AWS_DEFAULT_REGION": "us-east-1", "MAX_PENDING": "77"}
    code = f"from file_transfer import {module} as m; print(m.parts().{HANDLERS[module]}.settings.max_pending)"
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=env)
    assert answer.stdout.strip() == "77"


def test_orders_of_one_batch_share_a_start(world: World) -> None:
    orders = [world.order(number, f"in/{number}.csv") for number in range(1, 4)]
    assert failed(send_to_connectors.handler(batch(*orders), None)) == []
    (call,) = world.transfer.made("StartFileTransfer")
    assert len(call["SendFilePaths"]) == len(orders)


def test_a_call_to_a_line_moves_it(world: World) -> None:
    world.sender.accept(world.order())
    call = {"kind": "towpath.line", "connector": ALIAS}
    assert failed(send_to_connectors.handler(batch(call), None)) == []
    assert len(world.transfer.made("StartFileTransfer")) == 1


@pytest.mark.parametrize("body", ["{", "{}", '{"operation": "x", "transfer": {}, "target": {}}'])
def test_an_order_that_cannot_be_read_comes_again_and_ends_with_the_dead_letters(body: str, world: World) -> None:
    assert failed(send_to_connectors.handler(batch(body, world.order()), None)) == ["m0"]
    assert len(world.transfer.made("StartFileTransfer")) == 1


def test_an_order_to_nobody_is_answered(world: World) -> None:
    order = world.order()
    order["target"]["bucket"] = "nobody"
    assert failed(send_to_connectors.handler(batch(order), None)) == []
    (outcome,) = world.queues.of("intake")
    assert (outcome["state"], outcome["reason"]) == ("FAILED", "UNSUPPORTED_TARGET")


@pytest.mark.parametrize(
    ("error", "receives", "again", "reason"),
    [
        (Transient("S3 is down"), 1, ["m0"], ""),
        (Transient("S3 is down"), 3, [], "TRANSIENT"),
        (SourceGone("deleted"), 1, [], "SOURCE_GONE"),
        (refusal("SlowDown", 503, "CopyObject"), 1, ["m0"], ""),
        (refusal("AccessDenied", 403, "CopyObject"), 1, [], "PERMISSION_DENIED"),
    ],
)
def test_what_cannot_be_put_into_the_outbox_is_tried_and_then_answered(  # noqa: PLR0913
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception, receives: int, again: list[str], reason: str
) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(world.bucket, "copy", fail)
    assert failed(send_to_connectors.handler(batch(world.order(), receives=receives), None)) == again
    assert [each["reason"] for each in world.queues.of("intake")] == ([reason] if reason else [])


def test_a_line_that_cannot_be_moved_is_moved_by_the_messages_that_come_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = [world.order(number, f"in/{number}.csv") for number in (1, 2)]
    with monkeypatch.context() as broken:
        broken.setattr(world.transfer, "start_file_transfer", lambda **_: 1 / 0)
        assert failed(send_to_connectors.handler(batch(*orders), None)) == ["m0", "m1"]


def test_an_event_that_cannot_be_worked_through_comes_again_alone(world: World) -> None:
    order = world.order()
    world.send(order)
    event = world.event(order["operation"])
    assert failed(connector_events.handler(batch("{", event), None)) == ["m0"]
    assert [each["state"] for each in world.queues.of("intake")] == ["SUCCEEDED"]


def test_an_outcome_that_could_not_be_told_is_told_with_the_next_delivery(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = world.order()
    world.send(order)
    event = batch(world.event(order["operation"]))
    with monkeypatch.context() as broken:

        def fail(**_: Any) -> None:
            raise lost()

        broken.setattr(world.queues, "send_message", fail)
        assert failed(connector_events.handler(event, None)) == ["m0"]
    assert failed(connector_events.handler(event, None)) == []
    assert [each["state"] for each in world.queues.of("intake")] == ["SUCCEEDED"]
    assert world.table.pending(ALIAS) == 0


def test_a_tick_looks_after_what_is_overdue_and_begins_what_is_due(world: World) -> None:
    world.workflow()
    assert start_pulls.handler({"source": "aws.events"}, None) == {"found": 0, "listings": 1}
    assert world.transfer.made("StartDirectoryListing")[0]["ConnectorId"] == CONNECTOR
    assert start_pulls.handler({"source": "aws.events"}, None) == {"found": 0, "listings": 0}
    assert start_pulls.handler({"workflowId": "wf"}, None) == {"found": 0, "listings": 1}
