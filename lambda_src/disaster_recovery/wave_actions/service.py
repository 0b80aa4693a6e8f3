"""What the services of actions have in common: a task that is asked how it stands, any number of times."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from disaster_recovery.plans.plan import PlanAction
from disaster_recovery.records.execution import Action, Execution

RUNNING, SUCCEEDED, FAILED = "RUNNING", "SUCCEEDED", "FAILED"
#: Namespace of the tokens that make starting an action idempotent.
ACTIONS = uuid.UUID("6f1c54a4-93a7-4f4a-9a53-1f2f6a4a7c55")


@dataclass(frozen=True)
class Task:
    """One attempt of one action. `servers`: {sourceServerId, hostname, ec2InstanceId} of what has launched so far."""

    execution: Execution
    planned: PlanAction
    action: Action
    servers: Sequence[Mapping[str, Any]] = ()

    @property
    def token(self) -> str:
        """A UUID that is the same each time this attempt is started."""
        attempt = f"{self.action.execution_id}#{self.action.sort_key}#{self.action.attempt}"
        return str(uuid.uuid5(ACTIONS, attempt))


@dataclass(frozen=True)
class Progress:
    """`state` RUNNING, SUCCEEDED or FAILED; `reference` is what the service calls the task, once it is known."""

    state: str
    message: str = ""
    reference: str | None = None


class Service(Protocol):
    """Starts a task, or asks after one that was started; repeating it starts nothing twice.

    Raises the taxonomy's errors: a retriable one says that nobody knows, others that the task cannot be done.
    """

    def advance(self, task: Task) -> Progress: ...
