"""Files for a remote server: in a line, in batches, once each, whatever is lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from file_transfer.connectors.sends import DONE, FAILED, SKIPPED, STARTED, STARTING, SUCCEEDED, WAITING
from file_transfer.connectors.settings import ConnectorSettings, read_settings
from file_transfer.errors import Rejection
from shared.schemas import problems
from tests.unit.file_transfer.connectors.world import ALIAS, CONNECTOR, EXCHANGE, SETTINGS, World, lost, refusal


def test_an_order_is_copied_to_a_key_of_its_own_and_sent_from_there(world: World) -> None:
    order = world.order()
    assert problems("connector-order", order) == []
    # When
    world.send(order)
    # Then
    (call,) = world.transfer.made("StartFileTransfer")
    assert call == {
        "ConnectorId": CONNECTOR,
        "SendFilePaths": [f"/{EXCHANGE}/outbox/{order['operation']}/report.csv"],
        "RemoteDirectoryPath": "/in",
    }
    send = world.sent(order["operation"])
    assert (send.state, send.transfer_id, world.table.pending(ALIAS)) == (STARTED, "t-1", 1)


def test_the_end_of_a_send_is_told_and_makes_room(world: World) -> None:
    order = world.order()
    world.send(order)
    # When its event comes, twice
    heard = [world.hearer.hear(world.event(order["operation"])) for _ in range(2)]
    # Then
    assert heard == ["ended", "known"]
    (outcome,) = world.queues.of("intake")
    assert outcome == {
        "kind": "towpath.outcome",
        "pk": order["transfer"]["pk"],
        "sk": order["transfer"]["sk"],
        "target": "bank",
        "operation": order["operation"],
        "state": SUCCEEDED,
        "receipt": {"transferId": "t-1", "bytes": 1},
    }
    assert problems("outcome-message", outcome) == []
    assert world.table.pending(ALIAS) == 0


def test_an_order_that_comes_again_is_sent_once(world: World) -> None:
    order = world.order()
    world.send(order)
    world.send(order)
    assert len(world.transfer.made("StartFileTransfer")) == 1
    assert len(world.bucket.copies) == 1


def test_orders_of_one_folder_share_a_start_of_at_most_ten(world: World) -> None:
    orders = [world.order(number, f"in/{number}.csv") for number in range(1, 13)] + [world.order(99, "other/a.csv")]
    world.send(*orders)
    calls = world.transfer.made("StartFileTransfer")
    assert [(each["RemoteDirectoryPath"], len(each["SendFilePaths"])) for each in calls] == [
        ("/in", 10),
        ("/in", 2),
        ("/other", 1),
    ]


def test_a_connector_is_never_given_more_than_it_takes(world: World) -> None:
    orders = [world.order(number, f"in/{number}.csv") for number in range(1, 26)]
    world.send(*orders)
    assert world.table.pending(ALIAS) == SETTINGS.max_pending
    waiting = [each for each in world.all_sends() if each.state == WAITING]
    assert len(waiting) == len(orders) - SETTINGS.max_pending

    # When one is through, the line is called, and moves by one
    world.hearer.hear(world.event(orders[0]["operation"]))
    assert world.queues.of("orders") == [{"kind": "towpath.line", "connector": ALIAS}]
    world.sender.advance(ALIAS)
    assert world.table.pending(ALIAS) == SETTINGS.max_pending
    assert len([each for each in world.all_sends() if each.state == WAITING]) == len(waiting) - 1


def test_a_start_whose_answer_is_lost_is_not_made_again_and_known_by_its_event(world: World) -> None:
    order = world.order()
    world.transfer.says = [lost()]
    world.send(order)
    world.send(order)
    world.sender.advance(ALIAS)
    assert len(world.transfer.made("StartFileTransfer")) == 1
    assert world.sent(order["operation"]).state == STARTING
    # When
    world.hearer.hear(world.event(order["operation"]))
    # Then
    assert world.queues.of("intake")[0]["receipt"]["transferId"] == "t-late"
    assert world.table.pending(ALIAS) == 0


@pytest.mark.parametrize(
    "error", [refusal("ThrottlingException"), refusal("InvalidRequestException", message="too many pending files")]
)
def test_a_connector_that_is_full_is_asked_again_later(world: World, error: Exception) -> None:
    order = world.order()
    world.transfer.says = [error]
    world.send(order)
    assert (world.sent(order["operation"]).state, world.table.pending(ALIAS)) == (WAITING, 0)
    world.sender.advance(ALIAS)
    assert len(world.transfer.made("StartFileTransfer")) == 1
    # When the call comes that was asked for
    assert world.queues.of("orders") == [{"kind": "towpath.line", "connector": ALIAS}]
    world.wait(6)
    world.sender.advance(ALIAS)
    # Then
    assert world.sent(order["operation"]).state == STARTED


def test_a_connector_that_refuses_for_good_fails_the_delivery(world: World) -> None:
    order = world.order()
    world.transfer.says = [refusal("AccessDeniedException")]
    world.send(order)
    (outcome,) = world.queues.of("intake")
    assert (outcome["state"], outcome["reason"]) == (FAILED, "PERMISSION_DENIED")
    assert problems("outcome-message", outcome) == []
    assert world.table.pending(ALIAS) == 0


def test_nothing_is_sent_to_a_path_that_something_is_on_its_way_to(world: World) -> None:
    older, newer = world.order(1), world.order(2)
    world.send(older, newer)
    assert [world.sent(each["operation"]).state for each in (older, newer)] == [STARTED, WAITING]
    # When the first has arrived
    world.hearer.hear(world.event(older["operation"]))
    world.sender.advance(ALIAS)
    # Then the second follows
    assert world.sent(newer["operation"]).state == STARTED


def test_an_older_version_does_not_follow_a_newer_one(world: World) -> None:
    older, newer = world.order(1), world.order(2)
    world.send(newer)
    world.hearer.hear(world.event(newer["operation"]))
    # When
    world.send(older)
    # Then
    assert len(world.transfer.made("StartFileTransfer")) == 1
    outcome = world.queues.of("intake")[-1]
    assert (outcome["operation"], outcome["state"], outcome["reason"]) == (older["operation"], SKIPPED, "NEWER_EXISTS")


def test_what_was_delivered_is_not_sent_again_under_another_operation(world: World) -> None:
    first = world.order()
    again = {**world.order(), "operation": first["operation"].replace("r0-0", "r0-1")}
    world.send(first)
    world.send(again)
    # When the first, which the transfer had given up, arrives after all
    world.hearer.hear(world.event(first["operation"]))
    world.sender.advance(ALIAS)
    # Then the second is a success without a second send
    assert len(world.transfer.made("StartFileTransfer")) == 1
    assert [(each["operation"], each["state"]) for each in world.queues.of("intake")] == [
        (first["operation"], SUCCEEDED),
        (again["operation"], SUCCEEDED),
    ]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("CONNECTION_ERROR", "TRANSIENT"),
        ("TIMEOUT_ERROR", "TIMEOUT"),
        ("ASSUME_ROLE_ERROR", "PERMISSION_DENIED"),
        ("DIRECTORY_NOT_FOUND", "NOT_FOUND"),
        ("SOMETHING_NEW", "TRANSIENT"),
    ],
)
def test_a_failed_send_says_why_in_our_words_and_the_connector_s(world: World, code: str, reason: str) -> None:
    order = world.order()
    world.send(order)
    world.hearer.hear(world.event(order["operation"], "Failed", **{"failure-code": code, "failure-message": "down"}))
    (outcome,) = world.queues.of("intake")
    assert (outcome["state"], outcome["reason"], outcome["message"]) == (FAILED, reason, f"{code}: down")
    # And the path is free for the retry
    again = {**order, "operation": order["operation"].replace("r0-0", "r0-1")}
    world.send(again)
    assert world.sent(again["operation"]).state == STARTED


def test_fewer_bytes_than_the_file_has_are_no_delivery(world: World) -> None:
    order = world.order(sizeBytes=5)
    world.send(order)
    world.hearer.hear(world.event(order["operation"], bytes=3))
    (outcome,) = world.queues.of("intake")
    assert (outcome["state"], outcome["reason"]) == (FAILED, "TRANSIENT")


def test_a_delivery_that_was_given_up_and_arrives_is_told(world: World) -> None:
    order = world.order()
    world.send(order)
    world.hearer.hear(world.event(order["operation"], "Failed", **{"failure-code": "TIMEOUT_ERROR"}))
    world.hearer.hear(world.event(order["operation"]))
    assert [each["state"] for each in world.queues.of("intake")] == [FAILED, SUCCEEDED]
    assert world.sent(order["operation"]).outcome == SUCCEEDED
    assert world.table.pending(ALIAS) == 0


def test_a_failure_after_a_success_is_not_believed(world: World) -> None:
    order = world.order()
    world.send(order)
    world.hearer.hear(world.event(order["operation"]))
    world.hearer.hear(world.event(order["operation"], "Failed", **{"failure-code": "TIMEOUT_ERROR"}))
    assert [each["state"] for each in world.queues.of("intake")] == [SUCCEEDED]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"bucket": "nobody"}, "UNSUPPORTED_TARGET"),
        ({"overwrite": "never"}, "UNSUPPORTED_TARGET"),
        ({"key": "../etc/passwd"}, "INVALID_KEY"),
    ],
)
def test_what_no_connector_can_do_is_refused(world: World, change: dict[str, str], reason: str) -> None:
    order = world.order()
    with pytest.raises(Rejection) as refused:
        world.sender.accept({**order, "target": {**order["target"], **change}})
    assert refused.value.reason == reason
    assert world.all_sends() == []


def test_a_connector_may_be_named_by_its_id(world: World) -> None:
    order = world.order()
    assert world.sender.accept({**order, "target": {**order["target"], "bucket": CONNECTOR}}) == ALIAS


def test_prepared_content_is_what_is_sent(world: World) -> None:
    content = {"bucket": "work", "key": "prepared/1", "sizeBytes": 7, "etag": "p"}
    order = world.order(content=content)
    world.send(order)
    assert world.sent(order["operation"]).size == content["sizeBytes"]


def test_sends_that_are_over_stand_in_no_line(world: World) -> None:
    order = world.order()
    world.send(order)
    world.hearer.hear(world.event(order["operation"]))
    assert world.sent(order["operation"]).state == DONE
    world.wait(100_000)
    assert world.table.line(ALIAS, STARTED, world.now) == []
    assert world.table.line(ALIAS, WAITING, world.now) == []


def test_two_workers_on_one_line_start_each_file_once(world: World) -> None:
    orders = [world.order(number, f"in/{number}.csv") for number in (1, 2)]
    for each in orders:
        world.sender.accept(each)
    # Given a worker that comes in between another's look and its write
    inner = world.table.start

    def overtaken(*arguments: Any) -> bool:
        object.__setattr__(world.sender, "table", world.table)
        world.sender.advance(ALIAS)
        return inner(*arguments)

    slow = replace(world.table)
    object.__setattr__(slow, "start", overtaken)
    object.__setattr__(world.sender, "table", slow)
    # When
    world.sender.advance(ALIAS, [each["operation"] for each in orders])
    # Then
    paths = [path for call in world.transfer.made("StartFileTransfer") for path in call["SendFilePaths"]]
    assert len(paths) == len(set(paths)) == len(orders)
    assert world.table.pending(ALIAS) == len(orders)


def test_settings_are_read_from_the_environment() -> None:
    environ = {"CONNECTOR_IDS": '{"bank": "c-1"}', "MAX_PENDING": "50", "EXCHANGE_BUCKET": "exchange"}
    settings = read_settings(environ)
    assert (settings.connectors, settings.max_pending, settings.exchange_bucket) == ({"bank": "c-1"}, 50, "exchange")
    assert settings.alias_of("c-1") == "bank"
    assert settings.alias_of("c-2") == ""
    assert read_settings({}) == ConnectorSettings()
