"""Running one pipe that reads an SQS queue.

As documented under "Amazon SQS queue as a source" of EventBridge Pipes: batches are received, filtered (what does not
match is deleted), delivered, and deleted when the target took them. What it did not take stays on the queue and comes
back when its visibility timeout ends. A backlog is worked on by several batches at a time.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from ministack.services import sqs

from local_cloud import aws_client
from local_cloud.engines import event_patterns, wake
from local_cloud.engines.patience import patiently
from local_cloud.engines.pipe_targets import DeliveryFailed, client_of, deliver
from local_cloud.engines.pipe_template import with_parsed_body

CONCURRENT_BATCHES = 5
_RECEIVE_LIMIT = 10  # ReceiveMessage hands out at most ten messages
_PAUSE_AFTER_ERROR = 1.0
_PAUSE_AFTER_NOTHING = 0.1
_LISTEN_SECONDS = 3600.0
_log = logging.getLogger("towpath.pipes")


class PipeRunner:
    """Works for one pipe until it is stopped, deleted or reset.

    `pipe` is ministack's record of it, `current` answers whether that record is still the one in force.
    """

    def __init__(self, pipe: dict[str, Any], current: Callable[[], bool]) -> None:
        self._pipe = pipe
        self._current = current
        self._slots = threading.Semaphore(1 if pipe["Source"].endswith(".fifo") else CONCURRENT_BATCHES)

    @property
    def active(self) -> bool:
        """Whether the pipe should be running."""
        return self._current() and self._pipe.get("CurrentState") == "RUNNING"

    def run(self) -> None:
        """Receives and hands over batches; returns when the pipe is no longer active."""
        while self.active:
            with _released_on_error(self._slots) as slot:
                wake.wait_until(lambda: not self.active or self._has_messages(), _LISTEN_SECONDS)
                records = self._receive() if self.active else []
                if records:
                    aws_client.spawn(self._work, records)
                    slot.keep()

    def _work(self, records: list[dict[str, Any]]) -> None:
        try:
            self._process(records)
        finally:
            self._slots.release()

    def _process(self, records: list[dict[str, Any]]) -> None:
        criteria = (self._pipe.get("SourceParameters") or {}).get("FilterCriteria") or {}
        patterns = [entry["Pattern"] for entry in criteria.get("Filters", [])]
        wanted = [record for record in records if event_patterns.any_matches(patterns, with_parsed_body(record))]
        try:
            failed = deliver(self._pipe, wanted) if wanted else set()
        except (DeliveryFailed, ClientError, BotoCoreError) as error:
            self._note(error)
            failed = {record["messageId"] for record in wanted}
        done = [record for record in records if record["messageId"] not in failed]
        try:
            self._delete(done)
        except (ClientError, BotoCoreError) as error:  # they come again: delivery is at least once
            self._note(error)

    def _has_messages(self) -> bool:
        queue = sqs._queue_by_arn(self._pipe["Source"])
        now = time.time()
        return queue is not None and any(message.get("visible_at", 0) <= now for message in queue["messages"])

    def _receive(self) -> list[dict[str, Any]]:
        parameters = (self._pipe.get("SourceParameters") or {}).get("SqsQueueParameters") or {}
        size = parameters.get("BatchSize") or _RECEIVE_LIMIT
        until = time.monotonic() + (parameters.get("MaximumBatchingWindowInSeconds") or 0)
        records: list[dict[str, Any]] = []
        try:
            while self.active:
                received = self._receive_once(min(_RECEIVE_LIMIT, size - len(records)))
                records += received
                if not received:  # others were faster, or a FIFO group is locked
                    wake.wait_until(lambda: not self.active, _PAUSE_AFTER_NOTHING)
                if len(records) >= size or not self._more_to_come(until - time.monotonic()):
                    break
        except (ClientError, BotoCoreError) as error:
            self._note(error)
            wake.wait_until(lambda: not self.active, _PAUSE_AFTER_ERROR)
        return records

    def _more_to_come(self, seconds: float) -> bool:
        """Whether the queue has a message now, or gets one while the batching window is open."""
        return self._has_messages() if seconds <= 0 else wake.wait_until(self._has_messages, seconds)

    def _receive_once(self, count: int) -> list[dict[str, Any]]:
        answer = client_of(self._pipe, "sqs").receive_message(
            QueueUrl=self._queue_url(),
            MaxNumberOfMessages=count,
            WaitTimeSeconds=0,  # the runner waits for messages itself; a queue's own long poll would hold back a batch
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return [_record(message, self._pipe["Source"]) for message in answer.get("Messages", [])]

    def _delete(self, records: list[dict[str, Any]]) -> None:
        queue = client_of(self._pipe, "sqs")
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
        account, name = self._pipe["Source"].split(":")[4:6]
        return f"{aws_client.endpoint_url()}/{account}/{name}"

    def _note(self, error: Exception) -> None:
        if self.active:
            _log.warning("pipe %s: %s", self._pipe["Name"], error)
            self._pipe["StateReason"] = str(error)[:512]


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
