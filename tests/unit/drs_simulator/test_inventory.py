"""Inventories: what they may say and what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest

from local_cloud.drs import BadInventory
from local_cloud.drs.inventory import duration
from tests.unit.drs_simulator.account import Account, server_id

FULL = {
    "sourceServerID": server_id(1),
    "hostname": "db-1",
    "tags": {"tier": "database"},
    "os": "Windows Server 2022",
    "instanceType": "r6i.xlarge",
    "diskGiB": 200,
    "replicationState": "CONTINUOUS",
    "lagSeconds": 12.5,
    "snapshots": [{"snapshotID": "pit-" + "1" * 17, "timestamp": "2026-01-02T03:00:00+00:00"}],
    "launch": {"snapshotSeconds": 10, "conversionSeconds": 20, "launchSeconds": 30},
}


def test_a_server_is_what_its_entry_says() -> None:
    account = Account(document={"account": "123456789012", "region": "eu-west-1", "servers": [FULL]})

    server = account.server(1)
    properties = server["sourceProperties"]
    assert server["tags"] == {"tier": "database"}
    assert properties["identificationHints"]["hostname"] == "db-1"
    assert properties["os"] == {"fullString": "Windows Server 2022"}
    assert properties["recommendedInstanceType"] == "r6i.xlarge"
    assert properties["disks"][0]["bytes"] == 200 * 2**30
    assert server["dataReplicationInfo"]["lagDuration"] == "PT12.5S"
    (snapshot,) = account.call("DescribeRecoverySnapshots", sourceServerID=server_id(1))["items"]
    assert snapshot["snapshotID"] == "pit-" + "1" * 17
    assert snapshot["timestamp"] == "2026-01-02T03:00:00.000000+00:00"


def test_given_seconds_are_taken() -> None:
    account = Account(document={"servers": [FULL]})
    job = account.start(1)
    account.wait()

    items = account.call("DescribeJobLogItems", jobID=job)["items"]
    times = {item["event"]: item["logDateTime"][14:19] for item in items}
    assert times["SNAPSHOT_START"][:2] == times["SNAPSHOT_END"][:2] == "04"
    seconds = [int(times[name][:2]) * 60 + int(times[name][3:]) for name in ("JOB_START", "LAUNCH_END")]
    assert seconds[1] - seconds[0] == 60


def test_quotas_are_those_of_the_account() -> None:
    account = Account(document={"servers": [FULL], "quotas": {"serversPerJob": 7}})

    assert account.drs.state.quotas == {"concurrentJobs": 20, "serversPerJob": 7, "serversInAllJobs": 500}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"sourceServerID": "s-1"}, "$.servers[0].sourceServerID"),
        ({"replicationState": "FINE"}, "$.servers[0].replicationState"),
        ({"lagSeconds": -1}, "$.servers[0].lagSeconds"),
        ({"colour": "red"}, "$.servers[0]"),
        ({"launch": {"bootSeconds": 1}}, "$.servers[0].launch"),
        ({"snapshots": [{"snapshotID": "pit-1"}]}, "$.servers[0].snapshots[0]"),
    ],
)
def test_what_is_no_inventory_is_refused_with_the_path(change: dict[str, Any], path: str) -> None:
    with pytest.raises(BadInventory) as refused:
        Account(document={"servers": [FULL | change]})

    assert str(refused.value).startswith(path)


def test_a_server_named_twice_is_refused() -> None:
    with pytest.raises(BadInventory, match="more than once"):
        Account(document={"servers": [FULL, FULL]})


def test_what_is_refused_changes_nothing() -> None:
    account = Account(2)
    with pytest.raises(BadInventory):
        account.drs.seed({"servers": [{}]})

    assert len(account.call("DescribeSourceServers")["items"]) == 2


@pytest.mark.parametrize(("seconds", "text"), [(0, "P0D"), (90, "PT90S"), (12.5, "PT12.5S"), (86400, "PT86400S")])
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text
