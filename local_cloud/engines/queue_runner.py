"""Reading an SQS queue for something that is invoked with batches of its messages: a pipe, or a Lambda mapping.

As documented under "Amazon SQS queue as a source" of EventBridge Pipes and "Using Lambda with Amazon SQS": batches are
received, filtered (what does not match is deleted), handed over, and deleted when they were taken. What was not stays
on the queue and comes back when its visibility timeout ends. A backlog is worked on by several batches at a time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from ministack.services import sqs

from local_cloud import aws_client
from local_cloud.engines import event_patterns, wake
from local_cloud.engines.patience import patiently
from local_cloud.engines.pipe_template import with_parsed_body

CONCURRENT_BATCHES = 5
_RECEIVE_LIMIT = 10  # ReceiveMessage hands out at most ten messages
_PAUSE_AFTER_ERROR = 1.0
_PAUSE_AFTER_NOTHING = 0.1
_LISTEN_SECONDS = 3600.0
Records = list[dict[str, Any]]


class DeliveryFailed(Exception):
    """A batch was not taken: all of its messages return to the queue."""


@dataclass(frozen=True)
class QueueSource:
    """What is read, and for whom.

    `client` gives an SQS client of the reader's role. `deliver` hands a batch over and returns the ids of the messages
    that were not taken; it raises DeliveryFailed or botocore's errors when none was. `window` is in seconds.
    """

    queue_arn: str
    batch_size: int
    window: float
    patterns: Sequence[str]
    concurrency: int
    client: Callable[[], Any]
    deliver: Callable[[Records], set[str]]
    note: Callable[[Exception], None]


class QueueRunner:
    """Reads one queue for as long as `active()` says so; `source` is asked again for each batch, as it may change."""

    def __init__(self, source: Callable[[], QueueSource], active: Callable[[], bool]) -> None:
        self._ask, self._is_active = source, active
        first = source()
        self._slots = threading.Semaphore(1 if first.queue_arn.endswith(".fifo") else first.concurrency)

    @property
    def active(self) -> bool:
        """Whether it should go on."""
        return self._is_active()

    @property
    def _source(self) -> QueueSource:
        return self._ask()

    def run(self) -> None:
        """Receives and hands over batches; returns when it is no longer active."""
        while self.active:
            with _released_on_error(self._slots) as slot:
                wake.wait_until(lambda: not self.active or self._has_messages(), _LISTEN_SECONDS)
                records = self._receive() if self.active else []
                if records:
                    aws_client.spawn(self._work, records)
                    slot.keep()

    def _work(self, records: Records) -> None:
        try:
            self._process(records)
        finally:
            self._slots.release()

    def _process(self, records: Records) -> None:
        patterns = self._source.patterns
        wanted = [record for record in records if event_patterns.any_matches(patterns, with_parsed_body(record))]
        try:
            failed = self._source.deliver(wanted) if wanted else set()
        except (DeliveryFailed, ClientError, BotoCoreError) as error:
            self._note(error)
            failed = {record["messageId"] for record in wanted}
        done = [record for record in records if record["messageId"] not in failed]
        try:
            self._delete(done)
        except (ClientError, BotoCoreError) as error:  # they come again: delivery is at least once
            self._note(error)

    def _has_messages(self) -> bool:
        queue = sqs._queue_by_arn(self._source.queue_arn)
        now = time.time()
        return queue is not None and any(message.get("visible_at", 0) <= now for message in queue["messages"])

    def _receive(self) -> Records:
        size, until = self._source.batch_size, time.monotonic() + self._source.window
        records: Records = []
        try:
            while self.active:
                received = self._receive_once(min(_RECEIVE_LIMIT, size - len(records)))
                records += received
                if not received:  # others were faster, or a FIFO group is locked
                    wake.wait_until(lambda: not self.active, _PAUSE_AFTER_NOTHING)
                if len(records) >= size or not self._more_to_come(until - time.monotonic()):
                    break
        except (DeliveryFailed, ClientError, BotoCoreError) as error:
            self._note(error)
            wake.wait_until(lambda: not self.active, _PAUSE_AFTER_ERROR)
        return records

    def _more_to_come(self, seconds: float) -> bool:
        """Whether the queue has a message now, or gets one while the batching window is open."""
        return self._has_messages() if seconds <= 0 else wake.wait_until(self._has_messages, seconds)

    def _receive_once(self, count: int) -> Records:
        answer = self._source.client().receive_message(
            QueueUrl=self._queue_url(),
            MaxNumberOfMessages=count,
            WaitTimeSeconds=0,  # the runner waits for messages itself; a queue's own long poll would hold back a batch
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return [_record(message, self._source.queue_arn) for message in answer.get("Messages", [])]

    def _delete(self, records: Records) -> None:
        queue = self._source.client()
        for start in range(0, len(records), _RECEIVE_LIMIT):
            handles = [record["receiptHandle"] for record in records[start : start + _RECEIVE_LIMIT]]
            patiently(partial(self._delete_some, queue, handles))

    def _delete_some(self, queue: Any, handles: list[str]) -> None:
        if len(handles) == 1:
            queue.delete_message(QueueUrl=self._queue_url(), ReceiptHandle=handles[0])
            return
        entries = [{"Id": str(number), "ReceiptHandle": handle} for number, handle in enumerate(handles)]
        queue.delete_message_batch(QueueUrl=self._queue_url(), Entries=entries)

    def _queue_url(self) -> str:
        return aws_client.queue_url(self._source.queue_arn)

    def _note(self, error: Exception) -> None:
        if self.active:
            self._source.note(error)


class _released_on_error:
    """Holds a slot of the semaphore; releases it unless `keep` says that somebody else will."""

    def __init__(self, slots: threading.Semaphore) -> None:
        self._slots = slots
        self._kept = False

    def __enter__(self) -> _released_on_error:
        self._slots.acquire()
        return self

    def keep(self) -> None:
        self._kept = True

    def __exit__(self, *_: object) -> None:
        if not self._kept:
            self._slots.release()


def _record(message: dict[str, Any], queue_arn: str) -> dict[str, Any]:
    """The message as Pipes and Lambda hand it on."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {
            name: {key[0].lower() + key[1:]: value for key, value in attribute.items()}
            for name, attribute in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": queue_arn.split(":")[3],
    }
