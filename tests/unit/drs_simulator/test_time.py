"""Time, seeds and state: the same run each time, at any speed, from any point."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from typing import Any

import pytest

from local_cloud.drs import ManualClock, Simulator
from tests.unit.drs_simulator.account import Account, inventory, server_id


def run(account: Account) -> dict[str, Any]:
    """Everything that came of a job of all servers with one failure."""
    account.drs.inject({"id": "one", "server": "host-2", "phase": "LAUNCH", "action": {"type": "fail"}})
    account.start(1, 2, 3)
    account.wait()
    return account.drs.to_json()


def test_the_same_seed_gives_the_same_run() -> None:
    assert run(Account(seed=5)) == run(Account(seed=5))
    assert run(Account(seed=5)) != run(Account(seed=6))


def test_it_does_not_matter_how_often_somebody_looks() -> None:
    # Given two runs, one of which is watched every second
    watched, unwatched = Account(seed=5), Account(seed=5)
    for account in (watched, unwatched):
        account.start(1, 2, 3)
    for _ in range(900):
        watched.wait(1)
    unwatched.wait(900)

    # Then both went alike
    assert watched.drs.to_json() == unwatched.drs.to_json()
    assert watched.events == unwatched.events


def test_going_from_step_to_step_takes_each_at_its_own_time() -> None:
    account = Account()
    job = account.start(1)
    times = []
    while (due := account.drs.next_due()) is not None:
        assert due >= account.clock.now()
        account.clock.move_to(due)
        account.drs.advance_to(due)
        times.append(due)

    assert times == sorted(times)
    assert account.job(job)["status"] == "COMPLETED"
    assert account.events[0]["time"] in {time.strftime("%Y-%m-%dT%H:%M:%S.%fZ") for time in times}


def test_the_scale_divides_what_is_still_to_come() -> None:
    # Given a job that was left alone until its servers convert
    slow, fast = Account(seed=5), Account(seed=5)
    for account in (slow, fast):
        account.start(1)
        account.wait(200)
    left = slow.drs.next_due()
    assert left is not None

    # When one goes on at sixty times the speed
    fast.drs.set_scale(60)

    # Then its next step comes after a sixtieth of the time
    sooner = fast.drs.next_due()
    assert sooner is not None
    ratio = (left - slow.clock.now()) / (sooner - fast.clock.now())
    assert ratio == pytest.approx(60, rel=0.001)
    fast.wait(20)
    assert fast.call("DescribeJobs")["items"][0]["status"] == "COMPLETED"


def test_a_scale_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="greater than 0"):
        Account().drs.set_scale(0)


def test_the_state_is_json_and_goes_on_elsewhere() -> None:
    # Given a run that is interrupted
    account, other = Account(seed=5), Account(seed=5)
    for each in (account, other):
        each.start(1, 2)
        each.wait(300)

    # When its state goes through a file into another simulator
    heir = Simulator(ManualClock(account.clock.now()))
    heir.load_json(json.loads(json.dumps(account.drs.to_json())))

    # Then it ends as if nothing had been
    for each in (heir, other.drs):
        each.advance_to(account.clock.now() + timedelta(hours=1))
    assert heir.to_json() == other.drs.to_json()


def test_a_copy_goes_its_own_way() -> None:
    account = Account()
    account.start(1)
    twin = copy.deepcopy(account.drs)

    account.wait()

    assert twin.state.jobs != account.drs.state.jobs
    assert next(iter(twin.state.jobs.values()))["status"] == "PENDING"


def test_what_was_answered_does_not_change_afterwards() -> None:
    account = Account()
    job = account.call("StartRecovery", sourceServers=[{"sourceServerID": server_id(1)}], tags={"a": "b"})["job"]
    before = copy.deepcopy(job)
    job["tags"]["c"] = "d"
    account.wait()

    assert job["status"] == before["status"] == "PENDING"
    assert account.job(job["jobID"])["tags"] == {"a": "b"}


def test_accounts_do_not_share_ids() -> None:
    ids = {
        Account(account=account, region=region).start(1)
        for account, region in [("1" * 12, "eu-west-1"), ("1" * 12, "us-east-1"), ("2" * 12, "eu-west-1")]
    }

    assert len(ids) == 3


def test_a_new_inventory_is_a_new_start() -> None:
    account = Account()
    account.start(1, 2)
    account.drs.seed(inventory(1))

    assert account.call("DescribeJobs")["items"] == []
    assert account.drs.next_due() is None
    assert [each["sourceServerID"] for each in account.call("DescribeSourceServers")["items"]] == [server_id(1)]
