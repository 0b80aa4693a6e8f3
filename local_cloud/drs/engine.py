"""What the steps of jobs have in hand: the log, events and permissions, and the agenda."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local_cloud.drs.injections import strike
from local_cloud.drs.permissions import Authorise, Need
from local_cloud.drs.state import Record, State
from local_cloud.simulation.agenda import Agenda, Step
from local_cloud.simulation.clock import Stamp

Event = dict[str, Any]
"""An EventBridge event of `aws.drs`: source, detail-type, account, region, time, resources, detail."""
EventSink = Callable[[Event], None]
__all__ = ["LAUNCH_RESULT", "Engine", "Event", "EventSink", "Step"]
LAUNCH_RESULT = "DRS Source Server Launch Result"


class Engine(Agenda[State]):
    """What the steps of jobs need: the state, the log, events, permissions and the agenda in scaled time."""

    def __init__(self, state: State, events: EventSink, authorise: Authorise) -> None:
        super().__init__(state)
        self.events, self.authorise = events, authorise
        self.steps["emit"] = self.deliver

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
        action = strike(self.state, "event", at, {"server": [hostname]}, server=server)
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
