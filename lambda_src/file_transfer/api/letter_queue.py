"""The dead-letter queue of the intake. Looking is receiving: letters are out of sight for a moment and come back."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

#: Longer than a request takes; what is looked at is released at its end.
OUT_OF_SIGHT_SECONDS = 40
#: Entries that one call takes (Amazon SQS API Reference).
BATCH = 10
#: A short poll asks some of the queue's servers only: an empty answer may be wrong.
WAIT_SECONDS = 1
LOOKING_SECONDS = 12.0


@dataclass(frozen=True)
class Letter:
    """A message that the intake gave up, with what SQS says of it."""

    message_id: str
    receipt: str
    body: str
    attributes: Mapping[str, str]

    def as_record(self) -> dict[str, Any]:
        """As the pipe hands on a record."""
        return {"messageId": self.message_id, "body": self.body, "attributes": dict(self.attributes)}


class LetterQueue:
    """`intake_url` is where letters go again."""

    def __init__(self, sqs: Any, url: str, intake_url: str) -> None:
        self._sqs = sqs
        self._url = url
        self._intake_url = intake_url

    def receive(self, limit: int) -> list[Letter]:
        """Up to `limit` letters, each once; nobody else sees them until they are released."""
        found: dict[str, Letter] = {}
        until = time.monotonic() + LOOKING_SECONDS
        while len(found) < limit and time.monotonic() < until:
            answer = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=min(BATCH, limit - len(found)),
                VisibilityTimeout=OUT_OF_SIGHT_SECONDS,
                WaitTimeSeconds=WAIT_SECONDS,
                MessageSystemAttributeNames=["All"],
            )
            messages = answer.get("Messages", [])
            if not messages:
                break
            for each in messages:
                letter = Letter(each["MessageId"], each["ReceiptHandle"], each["Body"], each.get("Attributes", {}))
                found[letter.message_id] = letter
        return list(found.values())

    def release(self, letters: Iterable[Letter]) -> None:
        """Puts them back at once."""
        handles = [letter.receipt for letter in letters]
        for start in range(0, len(handles), BATCH):
            entries = [
                {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                for number, handle in enumerate(handles[start : start + BATCH])
            ]
            self._sqs.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)

    def redrive(self, letter: Letter) -> None:
        """Sends it to the intake, then takes it away: between the two it may be there twice, which does no harm."""
        self._sqs.send_message(QueueUrl=self._intake_url, MessageBody=letter.body)
        self.drop(letter)

    def drop(self, letter: Letter) -> None:
        """Takes it away."""
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt)
