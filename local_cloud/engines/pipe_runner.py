"""Running one pipe that reads an SQS queue."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from local_cloud.engines.pipe_targets import client_of, deliver
from local_cloud.engines.queue_runner import CONCURRENT_BATCHES, QueueRunner, QueueSource

_BATCH_SIZE = 10
_log = logging.getLogger("towpath.pipes")


def runner_of(pipe: dict[str, Any], current: Callable[[], bool]) -> QueueRunner:
    """Works for one pipe until it is stopped, deleted or reset.

    `pipe` is ministack's record of it, `current` answers whether that record is still the one in force.
    """
    return QueueRunner(partial(_source_of, pipe), lambda: current() and pipe.get("CurrentState") == "RUNNING")


def _source_of(pipe: dict[str, Any]) -> QueueSource:
    parameters = pipe.get("SourceParameters") or {}
    queue, criteria = parameters.get("SqsQueueParameters") or {}, parameters.get("FilterCriteria") or {}
    return QueueSource(
        queue_arn=pipe["Source"],
        batch_size=queue.get("BatchSize") or _BATCH_SIZE,
        window=queue.get("MaximumBatchingWindowInSeconds") or 0,
        patterns=[entry["Pattern"] for entry in criteria.get("Filters", [])],
        concurrency=CONCURRENT_BATCHES,
        client=partial(client_of, pipe, "sqs"),
        deliver=partial(deliver, pipe),
        note=partial(_note, pipe),
    )


def _note(pipe: dict[str, Any], error: Exception) -> None:
    _log.warning("pipe %s: %s", pipe["Name"], error)
    pipe["StateReason"] = str(error)[:512]
