"""`towpath drs inventory export`: what the simulator is seeded with can be exported and seeded again."""

from __future__ import annotations

import json
from pathlib import Path

from local_cloud.drs import ManualClock, Simulator, inventory
from tests.unit.cli.conftest import Run
from tests.unit.cli.drs_world import DrsWorld, server_id, write_plan


def test_an_account_is_exported_and_rehearsed_again(run: Run, home: Path) -> None:
    # Given an account whose servers were launched once
    world = DrsWorld()
    write_plan(home / "plan.yaml")
    assert run("drs", "break-glass", "run", "plan.yaml", "--yes", session=world.session()).exit_code == 0

    # When it is exported
    result = run("drs", "inventory", "export", "-o", "inventory.json", session=world.session())

    # Then the file is an inventory, with how long each launch took, and a simulator starts from it
    assert result.exit_code == 0, result.output
    document = json.loads((home / "inventory.json").read_text())
    inventory.check(document)
    assert document["quotas"] == {"concurrentJobs": 20, "serversPerJob": 100, "serversInAllJobs": 500}
    assert [each["sourceServerID"] for each in document["servers"]] == [server_id(n) for n in range(1, 5)]
    for server in document["servers"]:
        assert set(server["launch"]) == {"snapshotSeconds", "conversionSeconds", "launchSeconds"}
        assert min(server["launch"].values()) > 0
        assert server["snapshots"] and server["diskGiB"] == 30
    again = Simulator(ManualClock(), seed=1)
    again.seed(document)
    assert len(again.call("DescribeSourceServers", {})["items"]) == 4


def test_only_the_servers_of_a_plan_file(run: Run, home: Path) -> None:
    (home / "plan.yaml").write_text(
        f"name: one\nwaves:\n  - name: one\n    servers:\n      - sourceServerId: {server_id(2)}\n"
    )

    result = run("drs", "inventory", "export", "--plan-file", "plan.yaml", session=DrsWorld().session())

    assert [each["sourceServerID"] for each in json.loads(result.stdout)["servers"]] == [server_id(2)]


def test_a_plan_of_the_api_and_a_file_exclude_each_other(run: Run, home: Path) -> None:
    write_plan(home / "plan.yaml")

    result = run("drs", "inventory", "export", "--plan", "Bank", "--plan-file", "plan.yaml")

    assert result.exit_code == 2


def test_servers_that_are_gone_are_named(run: Run, home: Path) -> None:
    (home / "plan.yaml").write_text(
        f"name: one\nwaves:\n  - name: one\n    servers:\n      - sourceServerId: {server_id(2)}\n"
        f"      - sourceServerId: {server_id(9)}\n"
    )

    result = run("drs", "inventory", "export", "--plan-file", "plan.yaml", session=DrsWorld().session())

    assert result.exit_code == 5
    assert server_id(9) in result.stderr
