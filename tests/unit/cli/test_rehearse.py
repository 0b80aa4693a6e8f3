"""`towpath drs rehearse`: the real engine on a small plan, and what it says when it cannot."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.conftest import Run
from tests.unit.cli.drs_world import server_id, write_plan
from tests.unit.cli.fake_api import FakeApi
from tests.unit.cli.given_recovery import PLAN_ID, plan_summary

REHEARSE = ("drs", "rehearse", "plan.yaml", "--inventory", "inventory.json", "--seeds", "2")


def an_inventory(count: int = 4) -> dict[str, Any]:
    servers = [{"sourceServerID": server_id(n), "hostname": f"host-{n}", "lagSeconds": n} for n in range(1, count + 1)]
    return {"account": "111122223333", "region": "eu-west-1", "servers": servers}


@pytest.fixture(autouse=True)
def files(home: Path) -> None:
    write_plan(home / "plan.yaml", web={"pauseBeforeWave": True})
    (home / "inventory.json").write_text(json.dumps(an_inventory()))


def test_a_plan_file_is_rehearsed(run: Run) -> None:
    table = run(*REHEARSE)
    report = json.loads(run(*REHEARSE, "--json").stdout)

    assert table.exit_code == 0, table.output
    assert "2 COMPLETED" in table.stdout and "Waits for a person" in table.stdout
    assert report["outcomes"] == {"COMPLETED": 2}
    assert [wave["name"] for wave in report["waves"]] == ["databases", "application", "web"]
    assert all(wave["seconds"]["min"] <= wave["seconds"]["worst"] for wave in report["waves"])


def test_the_same_seeds_give_the_same_report(run: Run) -> None:
    assert run(*REHEARSE, "--json").stdout == run(*REHEARSE, "--json").stdout


def test_a_stored_plan_is_rehearsed_with_its_own_inventory(run: Run, api: FakeApi, home: Path) -> None:
    # Given a stored plan whose wave takes a protection group
    document = json.loads((home / "plan.yaml").read_text())
    document["waves"][2] = {"name": "web", "protectionGroupId": f"pg-{'a' * 20}"}
    api.on("GET /recovery-plans", {"items": [plan_summary()]})
    api.on(f"GET /recovery-plans/{PLAN_ID}", {**document, "planId": PLAN_ID, "version": 1})
    taken = [{"name": "web", "servers": [{"sourceServerId": server_id(4)}]}]
    api.on("POST /recovery-plans/validate", {"valid": True, "waves": [*document["waves"][:2], *taken]})
    api.on(f"GET /recovery-plans/{PLAN_ID}/inventory", an_inventory())

    # When it is rehearsed by its name
    result = run("drs", "rehearse", "Bank", "--seeds", "1", "--json")

    # Then the servers of the group took part
    assert result.exit_code == 0, result.output
    assert [wave["servers"] for wave in json.loads(result.stdout)["waves"]] == [2, 1, 1]


def test_an_objective_that_is_missed_fails(run: Run, home: Path) -> None:
    document = json.loads((home / "plan.yaml").read_text())
    (home / "plan.yaml").write_text(json.dumps({**document, "objectives": {"rtoSeconds": 60}}))

    result = run(*REHEARSE)

    assert result.exit_code == 1
    assert "MISSED" in result.stdout


def test_a_run_that_does_not_complete_fails_and_names_the_server(run: Run, home: Path) -> None:
    inventory = an_inventory()
    inventory["servers"][2]["replicationState"] = "DISCONNECTED"
    inventory["servers"][2]["snapshots"] = []
    (home / "inventory.json").write_text(json.dumps(inventory))

    result = run(*REHEARSE)

    assert result.exit_code == 1
    assert server_id(3) in result.stdout


@pytest.mark.parametrize(
    ("inventory", "said"),
    [
        (json.dumps({"servers": [{"sourceServerID": "i-1", "hostname": "x"}]}), "inventory is not valid"),
        ("[", "cannot be read"),
    ],
)
def test_an_inventory_that_is_none(run: Run, home: Path, inventory: str, said: str) -> None:
    (home / "inventory.json").write_text(inventory)

    result = run(*REHEARSE)

    assert result.exit_code == 2
    assert said in result.stderr


def test_servers_that_the_inventory_lacks_are_told_with_their_line(run: Run, home: Path) -> None:
    (home / "inventory.json").write_text(json.dumps(an_inventory(3)))

    result = run(*REHEARSE)

    assert result.exit_code == 2
    assert "plan.yaml:1 $.waves[2].servers[0].sourceServerId" in result.stderr


def test_a_file_needs_an_inventory(run: Run) -> None:
    assert run("drs", "rehearse", "plan.yaml").exit_code == 2


def test_outside_of_a_checkout_it_says_what_to_do(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "local_cloud.virtual.recovery.rehearsal", None)

    result = run(*REHEARSE)

    assert result.exit_code == 1
    assert "need a checkout" in result.stderr and "towpath drs forecast" in result.stderr
