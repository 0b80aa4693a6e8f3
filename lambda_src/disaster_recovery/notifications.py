"""Tells a topic of each transition, in order. The timeline is the outbox: nothing that happened is lost.

Whoever made a transition flushes; what they did not get to is flushed by the next poll. Delivery is at least once, and
the number of the event tells repetitions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from disaster_recovery.records.execution import Execution
from disaster_recovery.records.history import Event, Outbox
from disaster_recovery.records.record import changed
from disaster_recovery.records.store import Store
from shared.aws_errors import classify
from shared.errors import TowpathError
from shared.sns import publication, subject_of

Notify = Callable[[Execution, Sequence[Event]], None]


@dataclass(frozen=True)
class Notifier:
    """Publishes events to a topic; without a topic it does nothing."""

    sns: Any
    topic_arn: str

    def __call__(self, execution: Execution, events: Sequence[Event]) -> None:
        """In the order given. Raises the taxonomy's errors at the first that cannot be published."""
        for event in events if self.topic_arn else ():
            try:
                self.sns.publish(**publish_arguments(execution, event, self.topic_arn))
            except (ClientError, BotoCoreError) as error:
                raise classify(error, f"notify of {execution.execution_id}") from error


def publish_arguments(execution: Execution, event: Event, topic_arn: str) -> dict[str, Any]:
    """Arguments of SNS Publish. Attributes let subscriptions filter by kind, plan, type and status."""
    filters = {
        "kind": event.kind,
        "status": execution.status,
        "type": execution.type,
        "planName": execution.plan_name or "-",
    }
    return publication(topic_arn, subject(execution, event), message(execution, event), filters)


def message(execution: Execution, event: Event) -> dict[str, Any]:
    """What a subscriber reads; schemas/recovery-notification.schema.json describes it."""
    told: dict[str, Any] = {
        "executionId": execution.execution_id,
        "planName": execution.plan_name,
        "type": execution.type,
        "status": execution.status,
        "runNumber": execution.run_number,
        "number": event.number,
        "at": event.at,
        "kind": event.kind,
        "actor": event.actor,
        "message": event.message,
    }
    if event.wave_number is not None:
        told["waveNumber"] = event.wave_number
    if event.data:
        told["data"] = dict(event.data)
    return told


def subject(execution: Execution, event: Event) -> str:
    """`[DRILL] Payments: wave 2 starts`, cut to what SNS takes."""
    return subject_of(f"[{execution.type}] {execution.plan_name}: {event.message}")


def flush(store: Store, notify: Notify, execution_id: str) -> bool:
    """Publishes the events that were not published yet. False when the topic refused or somebody else is at it."""
    execution = store.execution(execution_id)
    if execution is None:
        return True
    outbox = store.outbox(execution_id) or Outbox(execution_id=execution_id, revision=0)
    events = store.events(execution_id, after=outbox.notified_number)
    if not events:
        return True
    try:
        notify(execution, events)
    except TowpathError:
        return False
    return store.save(changed(outbox, notified_number=events[-1].number))
