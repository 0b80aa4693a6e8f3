"""`towpath drs watch`: to the end, whatever the network does, and out with the code of the outcome."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from shared.clock import parse
from tests.unit.cli.conftest import Run
from tests.unit.cli.fake_api import FakeApi, silence
from tests.unit.cli.given_recovery import EXECUTION_ID, ended, execution, paused
from towpath.recovery import watching
from towpath.recovery.execution_views import live_view

EXECUTION = f"/executions/{EXECUTION_ID}"


@pytest.mark.parametrize(("status", "code"), [("COMPLETED", 0), ("FAILED", 1), ("PARTIAL", 7), ("CANCELLED", 8)])
def test_the_outcome_is_the_exit_code(run: Run, api: FakeApi, status: str, code: int) -> None:
    api.on(f"GET {EXECUTION}", execution(), ended(status))

    result = run("drs", "watch", EXECUTION_ID)

    assert result.exit_code == code
    assert status in result.stdout


def test_each_change_is_told_once(run: Run, api: FakeApi) -> None:
    api.on(f"GET {EXECUTION}", execution(), execution(), paused(), paused(), ended("COMPLETED"))

    said = run("drs", "watch", EXECUTION_ID).stdout

    assert said.count("wave 1 databases  COMPLETED") == 1
    assert said.count("PAUSED  wave 2, the plan pauses before this wave") == 1


def test_json_is_one_line_a_change(run: Run, api: FakeApi) -> None:
    api.on(f"GET {EXECUTION}", execution(), execution(), paused(), ended("COMPLETED"))

    lines = run("drs", "watch", EXECUTION_ID, "--json").stdout.splitlines()

    assert [json.loads(line)["status"] for line in lines] == ["POLLING", "PAUSED", "COMPLETED"]


def test_it_can_end_at_a_pause(run: Run, api: FakeApi) -> None:
    api.on(f"GET {EXECUTION}", execution(), paused())

    assert run("drs", "watch", EXECUTION_ID, "--stop-at-pause").exit_code == 0


def test_a_silent_network_is_waited_out(run: Run, api: FakeApi, slept: list[float]) -> None:
    api.on(f"GET {EXECUTION}", execution(), *[silence] * 6, ended("COMPLETED"))

    result = run("drs", "watch", EXECUTION_ID)

    assert result.exit_code == 0
    assert slept.count(watching.SECONDS_AFTER_TROUBLE) == 2


def test_a_refusal_ends_it(run: Run, api: FakeApi) -> None:
    api.refuse(f"GET {EXECUTION}", 403, "needs the permission view")

    assert run("drs", "watch", EXECUTION_ID).exit_code == 4


def test_execute_and_watch(run: Run, api: FakeApi) -> None:
    api.on("POST /executions", execution("PENDING"))
    api.on(f"GET {EXECUTION}", ended("PARTIAL"))

    assert run("drs", "execute", "rp-" + "a" * 20, "--drill", "--watch").exit_code == 7


def test_the_screen_says_how_to_go_on() -> None:
    console = Console(file=io.StringIO(), width=120)

    console.print(live_view(paused(), parse("2026-01-02T10:12:00Z"), "no answer"))

    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert f"towpath drs executions resume {EXECUTION_ID}" in shown
    assert "12 min" in shown and "no answer" in shown
