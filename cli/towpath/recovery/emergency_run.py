"""A break-glass run under a person's control: the walk, what it shows meanwhile, pauses, and the end of instances."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

from disaster_recovery.commands.running import Commands
from disaster_recovery.commands.termination_requests import TerminationRequests
from disaster_recovery.errors import PermissionDenied, TowpathError
from disaster_recovery.machine.tools import Tools
from disaster_recovery.records.execution import Execution
from disaster_recovery.watch.polling import TICK, poll
from towpath.recovery.emergency import Emergency, Person, whoever_runs_this
from towpath.recovery.emergency_machine import Hands, Waiting, Walk
from towpath.recovery.emergency_screen import Screen

CONTINUE, FAILURES = "CONTINUE", ("WAVE_FAILED", "ACTION_FAILED")


@dataclass
class Alarm:
    """The wake queue of this process: when somebody wants a look sooner than usual."""

    seconds: float | None = None

    def __call__(self, execution_id: str, reason: str, delay_seconds: int = 0) -> None:
        self.seconds = delay_seconds if self.seconds is None else min(self.seconds, delay_seconds)

    def next_look(self, usual: float) -> float:
        """Seconds until the next look; the alarm is off then."""
        seconds, self.seconds = self.seconds, None
        return usual if seconds is None else min(usual, max(seconds, 0.1))


@dataclass
class Control:
    """`go_on_at_pauses`: pauses that the plan asks for are not asked about; a wave that failed always is."""

    emergency: Emergency
    screen: Screen
    sleep: Callable[[float], None]
    poll_seconds: float
    go_on_at_pauses: bool = False
    waiting: Waiting = field(default_factory=Waiting)
    alarm: Alarm = field(default_factory=Alarm)

    @cached_property
    def tools(self) -> Tools:
        """What the handlers' code works with here."""
        return replace(self.emergency, wake=self.alarm).tools(self.waiting)

    def run(self, execution: Execution) -> str:
        """Runs it to its end; returns the last status. KeyboardInterrupt leaves the journal as it is."""
        hands = Hands(idle=self._idle, decide=self._decide, sleep=self.sleep)
        try:
            return Walk(self.tools, self.waiting, hands, execution.execution_id).run()
        finally:
            self.screen.stop()

    def terminate(self, execution: Execution, person: Person, confirm: str) -> None:
        """Asks for the end of the instances and waits for it; one that was asked for before is waited for too."""
        tools, store = self.tools, self.emergency.store
        before = store.termination(execution.execution_id)
        if before is None or before.status != "TERMINATING":
            TerminationRequests(store, tools.wake, tools.clock).request(person, execution.execution_id, confirm=confirm)
        while True:
            poll(tools, execution.execution_id, TICK)
            termination = store.termination(execution.execution_id)
            if termination is None or termination.status is None:
                return
            self._idle(execution)

    def _idle(self, execution: Execution) -> None:
        self.screen.show(execution)
        self.sleep(self.alarm.next_look(self.poll_seconds))

    def _decide(self, execution: Execution) -> None:
        """Has a person, or --pauses continue, answer the pause; what cannot be done is told and asked again."""
        failed = execution.pause is not None and execution.pause.reason in FAILURES
        if self.go_on_at_pauses and not failed:
            choice, comment = CONTINUE, "--pauses continue"
        else:
            choice, comment = self.screen.ask(execution)
        tools = self.tools
        commands = Commands(tools.store, tools.machine, tools.wake, tools.clock)
        try:
            commands.resume(whoever_runs_this(), execution.execution_id, comment=comment, choice=choice)
        except PermissionDenied:
            raise
        except TowpathError as error:
            self.screen.complain(error)
