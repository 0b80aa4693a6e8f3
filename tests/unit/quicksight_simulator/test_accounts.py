"""Simulators of many accounts that go on by themselves."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from local_cloud.quicksight import ManualClock, Simulator, examples
from local_cloud.simulation.accounts import Accounts

DEV, PROD = ("1" * 12, "us-east-1"), ("2" * 12, "us-east-1")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def accounts(clock: ManualClock) -> Accounts[Simulator]:
    def new(account: str, region: str, seed: int) -> Simulator:
        return Simulator(clock, seed, account=account, region=region)

    found = Accounts(new, clock, 20)
    for scope in (DEV, PROD):
        with found.use(*scope) as simulator:
            simulator.seed(examples.dev())
    return found


def start(accounts: Accounts[Simulator], scope: tuple[str, str]) -> None:
    arns = [f"arn:aws:quicksight:us-east-1:{scope[0]}:theme/brand"]
    wanted: dict[str, Any] = {"ExportFormat": "QUICKSIGHT_JSON", "ResourceArns": arns}
    with accounts.use(*scope) as simulator:
        names = {"AwsAccountId": scope[0], "AssetBundleExportJobId": "export-1"}
        simulator.call("StartAssetBundleExportJob", {**names, **wanted})


def status(accounts: Accounts[Simulator], scope: tuple[str, str]) -> str:
    with accounts.use(*scope) as simulator:
        return str(simulator.to_json()["exports"]["export-1"]["status"])


def test_all_go_on_at_the_same_speed(accounts: Accounts[Simulator], clock: ManualClock) -> None:
    start(accounts, DEV)
    start(accounts, PROD)

    clock.move(1)
    accounts.wait()

    assert {status(accounts, DEV), status(accounts, PROD)} == {"SUCCESSFUL"}


def test_a_step_that_fails_stops_nobody_else(
    accounts: Accounts[Simulator], clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    # Given an account in which something is due that nobody knows how to do
    start(accounts, DEV)
    start(accounts, PROD)
    with accounts.use(*DEV) as simulator:
        simulator.engine.after("2026-01-02T03:04:05.000000Z", 0, "nonsense")

    # When
    clock.move(1)
    with caplog.at_level(logging.ERROR, "towpath.simulation"):
        accounts.wait()

    # Then it is told, the other account is done, and this one goes on with what is due next
    assert "1" * 12 in caplog.text
    assert status(accounts, PROD) == "SUCCESSFUL"
    accounts.wait()
    assert status(accounts, DEV) == "SUCCESSFUL"


def test_a_reset_forgets_accounts_and_speed(accounts: Accounts[Simulator]) -> None:
    accounts.set_scale(7)
    assert accounts.to_json()["scale"] == 7

    accounts.reset()

    assert accounts.to_json() == {"scale": 20, "seed": 0, "simulators": []}
