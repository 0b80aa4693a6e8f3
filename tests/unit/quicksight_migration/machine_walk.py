"""The machine of a run as asl/quicksight_migration.asl.json has it, one action at a time, and a store and a Step
Functions that lose what they are told or what they answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from quicksight_migration.errors import StaleToken, Transient, WrongState
from quicksight_migration.records.memory_store import MemoryStore
from quicksight_migration.records.record import Record
from quicksight_migration.records.statuses import ORDER, StepName
from tests.unit.quicksight_migration.job_world import OUTPUTS, FakeMachine, World

#: What becomes of a call: it arrives, it never arrives, or it arrives and nobody hears so.
ARRIVES, LOST, UNHEARD = "ARRIVES", "LOST", "UNHEARD"
Fate = Callable[[], str]
BEGIN, STEP, RECORD, WAIT, EXPIRED, FAIL, END, OVER = (
    "BEGIN",
    "STEP",
    "RECORD",
    "WAIT",
    "EXPIRED",
    "FAIL",
    "END",
    "OVER",
)


class FaultyStore(MemoryStore):
    """Writes whose answers, or which themselves, get lost."""

    fate: Fate = staticmethod(lambda: ARRIVES)

    def write(self, records: Sequence[Record], unchanged: Sequence[Record] = ()) -> bool:
        fate = self.fate()
        if fate == LOST:
            raise Transient("nobody knows")
        written = super().write(records, unchanged)
        if fate == UNHEARD:
            raise Transient("nobody knows")
        return written


class FaultyMachine(FakeMachine):
    """Starts and answers that get lost, or that nobody hears of."""

    fate: Fate = staticmethod(lambda: ARRIVES)

    def start(self, run: Any) -> str:
        return str(self._through(lambda: FakeMachine.start(self, run)))

    def succeed(self, token: str, output: Mapping[str, Any]) -> None:
        self._through(lambda: FakeMachine.succeed(self, token, output))

    def _through(self, call: Callable[[], Any]) -> Any:
        fate = self.fate()
        if fate == LOST:
            raise Transient("nobody knows")
        answer = call()
        if fate == UNHEARD:
            raise Transient("nobody knows")
        return answer


@dataclass
class Walk:
    """One run of the machine. `said` are its actions, which may be repeated at any time."""

    world: World
    job_id: str
    run_number: int
    state: str = BEGIN
    at: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] = field(default_factory=dict)
    token: str = ""
    said: list[dict[str, Any]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.job_id}-r{self.run_number}"

    def advance(self, judge: Callable[[str], dict[str, Any]]) -> None:
        """One action; it stays where it is when that fails. `judge` is what a worker answers for a step."""
        try:
            getattr(self, f"_{self.state.lower()}")(judge)
        except Transient:
            return
        except WrongState:
            self.end("FAILED")

    def end(self, status: str) -> None:
        self.state = OVER
        self.world.machine.runs[self.name] = status
        self.world.machine.waiting.discard(self.token)

    def repeat(self, event: dict[str, Any]) -> None:
        """Something that it said before, once more."""
        try:
            self._tell(event)
        except (Transient, WrongState):
            pass

    def time_out(self) -> None:
        """What it waits for did not come in its time."""
        if self.state == WAIT and self.token:
            self.world.machine.waiting.discard(self.token)
            self.token = ""
            self.state = STEP if self.at["next"] == "WaitForSlot" else EXPIRED
            if self.state == STEP:
                self.at = {"next": "TakeSlot"}

    def _begin(self, _: Any) -> None:
        self._go(self._say("start_run", executionArn=f"arn:aws:states:us-east-1:0:execution:m:{self.name}"))

    def _step(self, judge: Callable[[str], dict[str, Any]]) -> None:
        if self.at["next"] == "TakeSlot":
            self._go(self._say("next"))
            return
        self.result = judge(self.at["step"])
        self.state = FAIL if self.result["state"] == "FAILED" else RECORD

    def _record(self, _: Any) -> None:
        self._go(self._say("record_step", step=self.at["step"], attempt=self.at["attempt"], result=self.result))

    def _wait(self, _: Any) -> None:
        kind = "SLOT" if self.at["next"] == "WaitForSlot" else "APPROVAL"
        if not self.token:
            self.token = f"{self.name}-{len(self.said)}"
            self.world.machine.waiting.add(self.token)
            try:
                self._say(f"wait_for_{kind.lower()}", taskToken=self.token)
            except Transient:
                # The task is tried again, with a token of its own.
                self.world.machine.waiting.discard(self.token)
                if self.token not in self.world.machine.answers:
                    self.token = ""
                    self.said.append({})
                    raise
        answer = self.world.machine.answers.get(self.token)
        if answer is None:
            return
        self.token = ""
        if kind == "SLOT":
            self.at, self.state = {"next": "TakeSlot"}, STEP
        else:
            self.result = {"state": "REPLAN" if answer["decision"] == "REPLAN" else "SUCCEEDED", "output": dict(answer)}
            self.state = RECORD

    def _expired(self, _: Any) -> None:
        self._go(self._say("approval_expired"))

    def _fail(self, _: Any) -> None:
        told = {"error": "none", "cause": "none", "result": self.result}
        self._say("fail", step=self.at["step"], attempt=self.at["attempt"], **told)
        self.end("FAILED")

    def _end(self, _: Any) -> None:
        self._say({"Finalize": "finalize", "Cancelled": "cancelled"}[self.at["next"]])
        self.end("SUCCEEDED")

    def _go(self, answer: dict[str, Any]) -> None:
        self.at = answer
        if answer["next"] in ("WaitForSlot", StepName.WAIT_FOR_APPROVAL):
            self.state = WAIT
        elif answer["next"] in list(ORDER):
            self.state = STEP
        elif answer["next"] in ("Finalize", "Cancelled"):
            self.state = END
        else:
            self.end("SUCCEEDED" if answer["next"] == "Rejected" else "FAILED")

    def _say(self, action: str, **more: Any) -> dict[str, Any]:
        event = {"action": action, **more}
        self.said.append(event)
        return self._tell(event)

    def _tell(self, event: dict[str, Any]) -> dict[str, Any]:
        more = {name: value for name, value in event.items() if name != "action"}
        if not event:
            return {}
        return self.world.act(event["action"], self.world.job(self.job_id), runNumber=self.run_number, **more)


def succeeded(step: str) -> dict[str, Any]:
    """What a worker says when all went well."""
    return {"state": "SUCCEEDED", "output": OUTPUTS.get(step, {"of": step})}


__all__ = [
    "ARRIVES",
    "LOST",
    "OVER",
    "UNHEARD",
    "WAIT",
    "FaultyMachine",
    "FaultyStore",
    "StaleToken",
    "Walk",
    "succeeded",
]
