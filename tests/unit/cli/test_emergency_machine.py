"""The machine of break-glass runs goes the ways that the state machine goes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tools.paths import ASL
from towpath.recovery.emergency_machine import CANCEL_SECONDS, CHOICES, ENDS, TASKS

STATES: dict[str, dict[str, Any]] = json.loads((ASL / "drs_recovery.asl.json").read_text())["States"]
#: Not in a break-glass run: wave actions, and what watches over a poller that is elsewhere.
ABSENT = {"PreWaveActions", "PostWaveActions", "PreActionsDone", "PostActionsDone", "ActionsTimedOut", "ActionsJudged"}
ABSENT |= {"Reconcile", "Reconciled"}
#: States that do nothing but have a name.
PASSED = {"WaveComplete": "NextWave", "WaveFailed": "FinishExecution"}


def behind(state: str) -> str:
    """The state, or the one after it when it only has a name."""
    return PASSED.get(state, state)


def caught(state: str, error: str) -> str:
    return next(each["Next"] for each in STATES[state]["Catch"] if error in each["ErrorEquals"])


def test_all_states_are_accounted_for() -> None:
    ends = {name for name, state in STATES.items() if state["Type"] in ("Succeed", "Fail")}

    assert set(STATES) - ABSENT - set(PASSED) - ends - {"NextWave", "FinalStatus"} == {*TASKS, *CHOICES, *ENDS}


@pytest.mark.parametrize("name", TASKS)
def test_tasks_do_the_same_and_lead_to_the_same(name: str) -> None:
    task, state = TASKS[name], STATES[name]

    assert state["Arguments"]["Payload"]["action"] == task.action
    assert behind(state["Next"]) == task.then
    assert bool(task.limit) is state["Resource"].endswith(".waitForTaskToken")
    if task.limit:
        assert caught(name, "States.Timeout") == task.late
    if name != "Cancelling":
        assert caught(name, "ExecutionCancelled") == "Cancelling"
    assert caught(name, "States.ALL") == "RecordFailure"


@pytest.mark.parametrize("name", CHOICES)
def test_choices_are_the_same(name: str) -> None:
    state = STATES[name]
    told = {
        answer: behind(choice["Next"])
        for choice in state["Choices"]
        for answer in re.findall(r"\$next = '(\w+)'", choice["Condition"])
        if choice["Next"] not in ABSENT
    }

    assert {answer: to for answer, to in CHOICES[name].items() if answer} == told
    assert CHOICES[name][None] == behind(state["Default"])


@pytest.mark.parametrize("name", ENDS)
def test_ends_are_the_same(name: str) -> None:
    assert STATES[name]["Arguments"]["Payload"]["outcome"] == ENDS[name]


def test_the_next_wave_is_the_next_number() -> None:
    (choice,) = STATES["NextWave"]["Choices"]

    assert choice["Condition"] == "{% $waveNumber < $waveCount %}"
    assert (choice["Next"], STATES["NextWave"]["Default"]) == ("CheckPauseConfig", "FinishExecution")


def test_limits_come_from_the_same_answers() -> None:
    assert [STATES[name]["TimeoutSeconds"] for name in ("WaitForResume", "AwaitWave")] == [
        f"{{% ${TASKS[name].limit} %}}" for name in ("WaitForResume", "AwaitWave")
    ]
    assert CANCEL_SECONDS > 0
