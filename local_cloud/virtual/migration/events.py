"""EventBridge between Step Functions and the queue of machines that ended: best effort, as the service promises."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from local_cloud.virtual.kernel import Kernel
from local_cloud.virtual.machines import Run
from local_cloud.virtual.migration.places import REGION, TOOLS
from local_cloud.virtual.queues import Queue

Fate = Literal["arrives", "lost", "twice", "late"]
#: Seconds until a rule's target has an event, usually; and until it has one that is late.
EVENT_SECONDS, LATE_SECONDS = (0.2, 2.0), (300.0, 900.0)
ENDED = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")


@dataclass
class MachineEvents:
    """The rule for machines that ended. `fates` befall its events in their order, then all arrive."""

    kernel: Kernel
    queue: Queue
    fates: Sequence[Fate] = ()
    seen: int = field(default=0, init=False)

    def tell(self, run: Run) -> None:
        """To be called when a run begins and when it has ended."""
        if run.status not in ENDED:
            return
        fate = self.fates[self.seen] if self.seen < len(self.fates) else "arrives"
        self.seen += 1
        if fate == "lost":
            return
        body = json.dumps(self._event(run))
        for _ in range(2 if fate == "twice" else 1):
            delay = self.kernel.random.uniform(*(LATE_SECONDS if fate == "late" else EVENT_SECONDS))
            self.kernel.after(delay, lambda: self._deliver(body))

    def _deliver(self, body: str) -> None:
        self.queue.send(body)

    def _event(self, run: Run) -> dict[str, Any]:
        """As the Step Functions Developer Guide shows it ("Step Functions Execution Status Change")."""
        execution = run.execution
        return {
            "version": "0",
            "id": f"{self.seen:08d}-0000-4000-8000-00000000eeee",
            "detail-type": "Step Functions Execution Status Change",
            "source": "aws.states",
            "account": TOOLS,
            "time": self.kernel.utc().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": REGION,
            "resources": [execution.arn],
            "detail": {
                "executionArn": execution.arn,
                "stateMachineArn": execution.machine_arn,
                "name": execution.name,
                "status": run.status,
                "startDate": round(run.started.timestamp() * 1000),
                "stopDate": round(self.kernel.utc().timestamp() * 1000),
                "input": run.text,
                "output": run.outcome.output if run.outcome else None,
                **(run.outcome.failure if run.outcome else {}),
            },
        }
