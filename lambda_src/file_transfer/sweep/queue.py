"""What the sweep says and to whom: messages into the intake queue, and whether the pipe behind it runs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.aws_errors import classify
from shared.errors import Transient

#: Entries that one SendMessageBatch takes (Amazon SQS API Reference).
BATCH = 10
ROUNDS = 3
RUNNING = "RUNNING"


class Queue:
    """The intake queue. Raises the taxonomy's errors; what was sent before one is found to be known by the intake."""

    def __init__(self, sqs: Any, url: str) -> None:
        self._sqs = sqs
        self._url = url

    def send(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """Every message at least once."""
        for start in range(0, len(messages), BATCH):
            bodies = [json.dumps(each, ensure_ascii=False) for each in messages[start : start + BATCH]]
            self._batch({str(number): body for number, body in enumerate(bodies)})

    def _batch(self, bodies: dict[str, str]) -> None:
        for _ in range(ROUNDS):
            entries = [{"Id": number, "MessageBody": body} for number, body in bodies.items()]
            try:
                answer = self._sqs.send_message_batch(QueueUrl=self._url, Entries=entries)
            except (ClientError, BotoCoreError) as error:
                raise classify(error, "send to the intake queue") from error
            bodies = {each["Id"]: bodies[each["Id"]] for each in answer.get("Failed", [])}
            if not bodies:
                return
        raise Transient(f"the intake queue refused {len(bodies)} messages {ROUNDS} times")


class Pipe:
    """The pipe between the queue and the machine."""

    def __init__(self, pipes: Any, name: str) -> None:
        self._pipes = pipes
        self._name = name

    def runs(self) -> bool:
        """False when it is stopped, starting, failed or gone. Raises the taxonomy's errors."""
        try:
            return bool(self._pipes.describe_pipe(Name=self._name)["CurrentState"] == RUNNING)
        except (ClientError, BotoCoreError) as error:
            raise classify(error, f"describe the pipe {self._name}") from error
