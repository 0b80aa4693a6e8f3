"""Time passes: the steps on the agenda are taken in their order, each at its own time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from local_cloud.drs.clock import Stamp, later, moment, stamp
from local_cloud.drs.injections import strike
from local_cloud.drs.permissions import Authorise, Need
from local_cloud.drs.state import Record, State

Event = dict[str, Any]
"""An EventBridge event of `aws.drs`: source, detail-type, account, region, time, resources, detail."""
EventSink = Callable[[Event], None]
Step = Callable[..., None]
LAUNCH_RESULT = "DRS Source Server Launch Result"


class Engine:
    """What the steps of jobs need: the state, the log, events, permissions and the agenda in scaled time."""

    def __init__(self, state: State, events: EventSink, authorise: Authorise) -> None:
        self.state, self.events, self.authorise = state, events, authorise
        self.steps: dict[str, Step] = {"emit": self.deliver}

    def advance_to(self, now: datetime) -> None:
        """Takes every step that is due."""
        until = stamp(now)
        while (due := self.state.take_due(until)) is not None:
            at, step = due
            self.steps[step.pop("do")](at=at, **step)

    def next_due(self) -> datetime | None:
        """When the next step is due; None when nothing will happen by itself."""
        return moment(self.state.agenda[0][0]) if self.state.agenda else None

    def after(self, at: Stamp, seconds: float, do: str, **arguments: Any) -> None:
        """Plans a step so many seconds of simulated time after a moment."""
        self.state.plan(later(at, seconds / self.state.scale), do=do, **arguments)

    def log(self, job: str, event: str, at: Stamp, **data: Any) -> None:
        """Appends to the job's log; the items are numbered within the job."""
        items = self.state.logs[job]
        items.append({"logDateTime": at, "event": event, "eventData": data, "_": {"number": len(items) + 1}})

    def denied(self, principal: str, phase: str, needs: tuple[Need, ...], server: str, at: Stamp) -> list[str]:
        """Which actions the principal lacks; noted in the state's `denials`."""
        missing = self.authorise(principal, needs, server)
        for action in missing:
            self.state.denials.append(
                {"principal": principal, "action": action, "phase": phase, "sourceServerID": server, "time": at}
            )
        return missing

    def emit(self, detail_type: str, at: Stamp, resources: list[str], detail: dict[str, str], server: str) -> None:
        """Sends an event, unless an injection loses, repeats or delays it."""
        event: Event = {
            "source": "aws.drs",
            "detail-type": detail_type,
            "account": self.state.account,
            "region": self.state.region,
            "time": at,
            "resources": resources,
            "detail": detail,
        }
        hostname = self.state.servers[server]["sourceProperties"]["identificationHints"]["hostname"]
        action = strike(self.state, "event", at, server=server, hostname=hostname)
        kind = action["type"] if action else ""
        if kind == "delay_event" and action:
            self.after(at, action["seconds"], "emit", event=event)
        elif kind != "lose_event":
            for _ in range(action["times"] if action and kind == "duplicate_event" else 1):
                self.deliver(at=at, event=event)

    def deliver(self, *, at: Stamp, event: Event) -> None:
        """Hands an event to whoever listens; delayed ones say when they were meant to come."""
        self.events(event)

    def launch_result(self, job: Record, server: str, succeeded: bool, at: Stamp) -> None:
        """The event of one server's end, as the user guide shows it (all values are text)."""
        detail = {
            "state": f"RECOVERY_LAUNCH_{'SUCCEEDED' if succeeded else 'FAILED'}",
            "job-id": job["jobID"],
            "is-drill": "TRUE" if job["_"]["drill"] else "FALSE",
        }
        self.emit(LAUNCH_RESULT, at, [self.state.servers[server]["arn"]], detail, server)
