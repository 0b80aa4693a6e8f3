"""The recovery machine without Step Functions: the states of asl/drs_recovery.asl.json, walked in this process.

What the states do is the handlers' own code; here is only which comes after which, and a test holds it to the file.
Wave actions are left out: a break-glass run has credentials for AWS DRS and for nothing else.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from disaster_recovery import orchestration
from disaster_recovery.errors import ExecutionCancelled, StaleToken, TowpathError
from disaster_recovery.machine.preparing import frozen, seconds
from disaster_recovery.machine.tools import Tools
from disaster_recovery.records.execution import Execution
from disaster_recovery.records.statuses import ENDED_WAVES, ExecutionStatus, WaveStatus
from disaster_recovery.watch.polling import TICK, poll

#: As the machine's Retry has it.
TRIES = 8
CANCEL_SECONDS = 86_400


@dataclass(frozen=True)
class Task:
    """A state that does something. `limit` names how long it waits for its answer, `late` the state after that."""

    action: str
    then: str
    limit: str = ""
    late: str = ""


TASKS = {
    "ValidatePlan": Task("validate_plan", "InitializeExecution"),
    "InitializeExecution": Task("initialize_execution", "CheckPauseConfig"),
    "CheckPauseConfig": Task("prepare_wave", "PauseOrStart"),
    "WaitForResume": Task("wait_for_resume", "Resumed", "pauseSeconds", "PauseExpired"),
    "PauseExpired": Task("pause_expired", "Resumed"),
    "StartWave": Task("start_wave", "AwaitWave"),
    "AwaitWave": Task("await_wave", "WaveOutcome", "waveSeconds", "WaveTimedOut"),
    "WaveTimedOut": Task("wave_timed_out", "WaveOutcome"),
    "Cancelling": Task("cancelling", "RecordCancelled", "cancelSeconds", "RecordCancelled"),
}
#: Where the answer `next` leads; None stands for every other answer.
CHOICES: Mapping[str, Mapping[str | None, str]] = {
    "PauseOrStart": {"PAUSE": "WaitForResume", "SKIP": "NextWave", "CANCEL": "Cancelling", None: "StartWave"},
    "Resumed": {
        **dict.fromkeys(("START", "RETRY"), "StartWave"),
        **dict.fromkeys(("SKIP", "NEXT"), "NextWave"),
        "CANCEL": "Cancelling",
        None: "FinishExecution",
    },
    "WaveOutcome": {"MORE": "StartWave", "NEXT": "NextWave", "PAUSE": "WaitForResume", None: "FinishExecution"},
}
ENDS = {"FinishExecution": "ENDED", "RecordCancelled": "CANCELLED", "RecordFailure": "ERROR"}


class Expired(Exception):
    """A task was not answered within its limit."""


@dataclass
class Waiting:
    """What the one waiting task was told; as a Machine it takes answers from the poller's code."""

    token: str = ""
    answer: Mapping[str, Any] | None = None
    error: tuple[str, str] | None = None

    def start(self, execution: Execution) -> str:
        return execution.run_name

    def status(self, execution: Execution) -> str:
        return "RUNNING"

    def succeed(self, token: str, output: Mapping[str, Any]) -> None:
        self._take(token)
        self.answer = dict(output)

    def fail(self, token: str, error: str, cause: str) -> None:
        self._take(token)
        self.error = (error, cause)

    def heartbeat(self, token: str) -> None:
        self._take(token)

    def _take(self, token: str) -> None:
        if token != self.token or self.is_answered():
            raise StaleToken("nothing waits for this answer")

    def is_answered(self) -> bool:
        """True when there is something to go on with."""
        return self.answer is not None or self.error is not None


@dataclass
class Hands:
    """What the walk needs of the world: `idle` shows how things stand and lets time pass until the next look (an answer
    may be long in coming); `decide` asks a person about a pause and has the answer stored.
    """

    idle: Callable[[Execution], None]
    decide: Callable[[Execution], None]
    sleep: Callable[[float], None]


@dataclass
class Walk:
    """One execution, from wherever its records say it is to its end."""

    tools: Tools
    waiting: Waiting
    hands: Hands
    execution_id: str
    wave_number: int = 1
    wave_count: int = 1
    next: str = ""
    limits: dict[str, int] = field(default_factory=dict)
    error: str = ""
    cause: str = ""

    def run(self) -> str:
        """Walks to the end; returns the last status. May be interrupted anywhere and begun again."""
        state = self._entry()
        while state not in ENDS:
            state = self._step(state)
        done = self._act("finish", outcome=ENDS[state], error=self.error, cause=self.cause)
        return str(done["status"])

    def _step(self, state: str) -> str:
        if state in CHOICES:
            return CHOICES[state].get(self.next) or CHOICES[state][None]
        if state == "NextWave":
            self.wave_number += 1
            return "CheckPauseConfig" if self.wave_number <= self.wave_count else "FinishExecution"
        try:
            return self._do(TASKS[state])
        except Expired:
            return TASKS[state].late
        except ExecutionCancelled:
            return "Cancelling"
        except TowpathError as error:
            self.error, self.cause = type(error).__name__, str(error)
            return "RecordFailure"

    def _do(self, task: Task) -> str:
        if task.limit:
            self.waiting.token, self.waiting.answer, self.waiting.error = secrets.token_hex(16), None, None
            self._act(task.action, taskToken=self.waiting.token)
            answer = self._answer(self.limits.get(task.limit, CANCEL_SECONDS))
        else:
            answer = self._act(task.action)
        self.next = str(answer.get("next", self.next))
        self.wave_number = int(answer.get("waveNumber", self.wave_number))
        self.wave_count = int(answer.get("waveCount", self.wave_count))
        self.limits |= {name: int(value) for name, value in answer.items() if name.endswith("Seconds")}
        return task.then

    def _answer(self, limit: int) -> Mapping[str, Any]:
        """Polls until the waiting task is answered. Raises Expired, ExecutionCancelled."""
        begun = self.tools.clock()
        while not self.waiting.is_answered():
            poll(self.tools, self.execution_id, TICK)
            if self.waiting.is_answered():
                break
            execution = self._execution()
            if execution.pause and execution.pause.decision is None and not execution.cancel_requested:
                self.hands.decide(execution)
                continue
            if (self.tools.clock() - begun).total_seconds() >= limit:
                raise Expired
            self.hands.idle(execution)
        if self.waiting.error:
            raise ExecutionCancelled(self.waiting.error[1])
        return self.waiting.answer or {}

    def _act(self, action: str, **more: Any) -> dict[str, Any]:
        """One action, tried again as the machine would. Raises what it raises last."""
        event = {"action": action, "executionId": self.execution_id, "waveNumber": self.wave_number, **more}
        for count in range(TRIES):
            try:
                return orchestration.run(self.tools, event)
            except TowpathError as error:
                if not error.retriable:
                    raise
            self.hands.sleep(min(60.0, 2.0**count))
        return orchestration.run(self.tools, event)

    def _execution(self) -> Execution:
        execution = self.tools.store.execution(self.execution_id)
        assert execution is not None, "the journal holds the execution that is run"
        return execution

    # --- taking up a run that was interrupted

    def _entry(self) -> str:
        """The state that the records say comes next."""
        execution = self._execution()
        self.wave_count = execution.wave_count
        if execution.cancel_requested:
            return "Cancelling"
        if execution.status in (ExecutionStatus.PENDING, ExecutionStatus.INITIATED):
            return "ValidatePlan"
        self.wave_number = execution.pause.wave_number if execution.pause else execution.current_wave
        self.limits = seconds(frozen(self.tools.store, self.execution_id).wave(self.wave_number))
        if execution.pause:
            return "WaitForResume"
        wave = self.tools.store.wave(self.execution_id, self.wave_number)
        assert wave is not None, "an execution has the waves of its plan"
        if wave.wave_status in ENDED_WAVES:
            self.next = wave.decision.next if wave.decision else "NEXT"
            return "WaveOutcome"
        return "CheckPauseConfig" if wave.wave_status == WaveStatus.PENDING else "StartWave"
