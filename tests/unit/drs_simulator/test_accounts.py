"""Simulators of many accounts that go on by themselves."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from local_cloud.drs import ManualClock
from local_cloud.drs.accounts import Accounts
from local_cloud.drs.engine import Event
from local_cloud.drs.permissions import Need
from tests.unit.drs_simulator.account import inventory, server_id

START = {"sourceServers": [{"sourceServerID": server_id(1)}]}


def nothing_denied(_account: str, _region: str) -> Any:
    def denied(_principal: str, _needs: Sequence[Need], _server: str) -> list[str]:
        return []

    return denied


def accounts_on(clock: ManualClock, sent: list[Event]) -> Accounts:
    accounts = Accounts(sent.append, nothing_denied, clock)
    for region in ("eu-west-1", "us-east-1"):
        with accounts.use("1" * 12, region) as simulator:
            simulator.seed(inventory(1))
    return accounts


def test_each_step_takes_the_events_of_all_that_is_due() -> None:
    # Given a job in two Regions
    clock, sent = ManualClock(), list[Event]()
    accounts = accounts_on(clock, sent)
    for region in ("eu-west-1", "us-east-1"):
        with accounts.use("1" * 12, region) as simulator:
            simulator.call("StartRecovery", START)

    # When both are due
    clock.move(3600)
    events = accounts.step()

    # Then their events are handed over, not sent from within
    assert sorted(event["region"] for event in events) == ["eu-west-1", "us-east-1"]
    assert sent == []


def test_the_scale_is_that_of_all_accounts_also_of_those_to_come() -> None:
    accounts = accounts_on(ManualClock(), [])
    accounts.set_scale(5)

    for region in ("eu-west-1", "ap-south-1"):
        with accounts.use("1" * 12, region) as simulator:
            assert simulator.state.scale == 5
    with pytest.raises(ValueError, match="greater than 0"):
        accounts.set_scale(-1)


def test_the_state_of_all_goes_on_elsewhere_and_a_reset_forgets_it() -> None:
    clock = ManualClock()
    accounts, heir = accounts_on(clock, []), Accounts(lambda _event: None, nothing_denied, clock)
    with accounts.use("1" * 12, "eu-west-1") as simulator:
        simulator.call("StartRecovery", START)

    heir.load_json(accounts.to_json())
    assert heir.to_json() == accounts.to_json()

    heir.reset()
    assert heir.to_json()["simulators"] == []


def test_a_waiting_step_is_woken_by_a_call() -> None:
    # Given a thread that waits for something to happen, where nothing would
    clock = ManualClock()
    accounts = Accounts(lambda _event: None, nothing_denied, clock)
    woken = threading.Event()

    def wait() -> None:
        accounts.step()
        woken.set()

    threading.Thread(target=wait, daemon=True).start()

    # When somebody calls
    while not woken.wait(0.01):
        with accounts.use("1" * 12, "eu-west-1"):
            pass

    # Then it looked again
    assert woken.is_set()


def test_an_event_that_cannot_be_sent_does_not_stop_the_next() -> None:
    sent: list[str] = []

    def fail_once(event: Event) -> None:
        sent.append(event["region"])
        if len(sent) == 1:
            raise RuntimeError("the bus is gone")
        done.set()

    clock, done = ManualClock(), threading.Event()
    accounts = Accounts(fail_once, nothing_denied, clock)
    for region in ("eu-west-1", "us-east-1"):
        with accounts.use("1" * 12, region) as simulator:
            simulator.seed(inventory(1))
            simulator.call("StartRecovery", START)
    clock.move(3600)
    threading.Thread(target=accounts.run, daemon=True).start()

    assert done.wait(10)
    assert len(sent) == 2
