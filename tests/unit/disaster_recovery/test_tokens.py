"""Which stored decision answers which waiting task, and how tokens take each other's place."""

from __future__ import annotations

from typing import Any

import pytest

from disaster_recovery.machine.tokens import Answer, due_answer, store_token
from disaster_recovery.records.execution import Decision, Execution, Pause, Request, Wave
from disaster_recovery.records.file_store import FileStore
from disaster_recovery.records.history import TaskToken

AT = "2026-01-02T03:04:05.000000Z"


def token(kind: str, **more: Any) -> TaskToken:
    return TaskToken(execution_id="ex-1", token="t-1", kind=kind, **{"wave_number": 1, **more})


def execution(**more: Any) -> Execution:
    return Execution(execution_id="ex-1", **more)


def decided_pause(pause_id: str) -> Pause:
    decision = Decision(next="START", kind="PAUSE", at=AT)
    return Pause(pause_id=pause_id, wave_number=1, reason="REQUESTED", since=AT, deadline=AT, decision=decision)


def wave(kind: str, number: int = 1) -> Wave:
    return Wave(execution_id="ex-1", wave_number=number, decision=Decision(next="NEXT", kind=kind, at=AT))


CANCEL = Request(by="alice", at=AT)


@pytest.mark.parametrize(
    ("waiting", "run", "judged", "answer"),
    [
        # A pause is answered with its own decision, not with that of the pause before
        (token("PAUSE", pause_id="p-2"), execution(pause=decided_pause("p-2")), None, Answer({"next": "START"})),
        (token("PAUSE", pause_id="p-2"), execution(pause=decided_pause("p-1")), None, None),
        # A wave's decision is for the kind of task it was made for, and for that wave
        (token("WAVE"), execution(), wave("WAVE"), Answer({"next": "NEXT"})),
        (token("ACTIONS"), execution(), wave("WAVE"), None),
        (token("WAVE"), execution(), wave("ACTIONS"), None),
        (token("WAVE"), execution(), wave("WAVE", 2), None),
        (token("WAVE"), execution(), None, None),
        # A cancel goes before all, but not to the task that waits for its end
        (
            token("WAVE"),
            execution(cancel_requested=CANCEL),
            wave("WAVE"),
            Answer(None, "ExecutionCancelled", "cancelled by alice"),
        ),
        (token("CANCEL"), execution(cancel_requested=CANCEL), None, None),
        # What was answered is not answered again
        (token("WAVE", answered_at=AT), execution(cancel_requested=CANCEL), wave("WAVE"), None),
    ],
)
def test_a_task_gets_the_decision_it_waits_for(
    waiting: TaskToken, run: Execution, judged: Wave | None, answer: Answer | None
) -> None:
    assert due_answer(waiting, run, judged) == answer


def test_a_new_token_takes_the_place_of_the_old_one() -> None:
    store = FileStore()
    first = store_token(store, token("PAUSE", answered_at=AT))
    # The same task stores its token once, however often it is tried
    assert store_token(store, token("PAUSE")) == first
    second = store_token(store, TaskToken(execution_id="ex-1", token="t-2", kind="WAVE"))
    assert store.token("ex-1") == second and second.answered_at is None
