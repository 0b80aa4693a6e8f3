"""A queue that messages are put into, every one at least once."""

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


class Queue:
    """Raises the taxonomy's errors; some of the messages may have been sent then."""

    def __init__(self, sqs: Any, url: str) -> None:
        self._sqs = sqs
        self._url = url

    def send_text(self, body: str) -> None:
        """One message as it is."""
        self._batch({"0": body})

    def send(self, messages: Sequence[Mapping[str, Any]], delay_seconds: int = 0) -> None:
        """Every message at least once, none before the delay (at most 900 s) is over."""
        for start in range(0, len(messages), BATCH):
            bodies = [json.dumps(each, ensure_ascii=False) for each in messages[start : start + BATCH]]
            self._batch({str(number): body for number, body in enumerate(bodies)}, delay_seconds)

    def _batch(self, bodies: dict[str, str], delay_seconds: int = 0) -> None:
        delay = {"DelaySeconds": delay_seconds} if delay_seconds else {}
        for _ in range(ROUNDS):
            entries = [{"Id": number, "MessageBody": body, **delay} for number, body in bodies.items()]
            try:
                answer = self._sqs.send_message_batch(QueueUrl=self._url, Entries=entries)
            except (ClientError, BotoCoreError) as error:
                raise classify(error, f"send to {self._name}") from error
            bodies = {each["Id"]: bodies[each["Id"]] for each in answer.get("Failed", [])}
            if not bodies:
                return
        raise Transient(f"{self._name} refused {len(bodies)} messages {ROUNDS} times")

    @property
    def _name(self) -> str:
        return self._url.rpartition("/")[2]
