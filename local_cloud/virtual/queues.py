"""One SQS queue with its event source mapping, in virtual time.

As documented: standard queues deliver at least once and in no order; a message that was received and not deleted is
visible again after the visibility timeout, and goes to the dead-letter queue after `receives`; a mapping with
ReportBatchItemFailures deletes what the function does not name.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

from local_cloud.virtual.functions import Functions
from local_cloud.virtual.kernel import Kernel

# As modules/drs-orchestration sets them: messages are gathered for a second.
BATCH_SIZE = 100
WINDOW_SECONDS = 1.0


@dataclass
class Message:
    """`visible_at` in seconds of virtual time; `received` counts deliveries."""

    id: str
    body: str
    visible_at: float
    received: int = 0


@dataclass
class Queue:
    """Messages wait until they are visible, then wake `function`."""

    kernel: Kernel
    functions: Functions
    function: str
    arn: str
    visibility: float = 360.0
    receives: int = 5
    messages: dict[str, Message] = field(default_factory=dict)
    dead_letters: list[Message] = field(default_factory=list)
    _ids: itertools.count[int] = field(default_factory=itertools.count)

    def send(self, body: str, delay: float = 0.0) -> str:
        """SendMessage; returns the message's id."""
        message = Message(f"{next(self._ids):08d}-0000-4000-8000-00000000aaaa", body, self.kernel.now + delay)
        self.messages[message.id] = message
        self._wake(message.visible_at)
        return message.id

    def _wake(self, moment: float) -> None:
        self.kernel.at(moment + WINDOW_SECONDS + self.kernel.random.uniform(0.01, 0.3), self._deliver)

    def _deliver(self) -> None:
        batch = [each for each in self.messages.values() if each.visible_at <= self.kernel.now][:BATCH_SIZE]
        if not batch:
            return
        for message in batch:
            message.received += 1
            message.visible_at = self.kernel.now + self.visibility
        self.kernel.spawn(f"{self.function} (queue)", lambda: self._hand_over(batch))

    def _hand_over(self, batch: list[Message]) -> None:
        answer = self.functions.invoke(self.function, {"Records": [self._record(each) for each in batch]})
        failed = {each.id for each in batch} if answer.failed else _failures(answer.payload)
        for message in batch:
            if message.id not in failed:
                self.messages.pop(message.id, None)
            elif message.received >= self.receives:
                self.dead_letters.append(self.messages.pop(message.id))
            else:
                self._wake(message.visible_at)

    def _record(self, message: Message) -> dict[str, Any]:
        return {
            "messageId": message.id,
            "receiptHandle": f"{message.id}#{message.received}",
            "body": message.body,
            "attributes": {"ApproximateReceiveCount": str(message.received)},
            "messageAttributes": {},
            "md5OfBody": "",
            "eventSource": "aws:sqs",
            "eventSourceARN": self.arn,
            "awsRegion": "eu-west-1",
        }


def _failures(answer: Any) -> set[str]:
    failures = (answer or {}).get("batchItemFailures", [])
    return {each["itemIdentifier"] for each in failures}
