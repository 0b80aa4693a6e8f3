"""Lambda behind the queue of replays: carries one out, page by page, and asks for another turn when its time is up."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from file_transfer.api.settings import read_settings
from file_transfer.observe import count, logger
from file_transfer.replays.store import ReplayStore
from file_transfer.replays.worker import GO_ON, UNKNOWN, ReplayWorker
from shared.clients import client
from shared.clock import utc_now
from shared.questions import Asker
from shared.sqs import Queue

#: A page takes a second or two; less is left for one more message and an answer.
LEAST_MILLISECONDS = 15_000


@cache
def worker() -> ReplayWorker:
    """Made with the first replay and kept while the worker lives."""
    settings, dynamodb = read_settings(), client("dynamodb")
    return ReplayWorker(
        ReplayStore(dynamodb, settings.control_table),
        Asker(dynamodb),
        settings.failure_table,
        Queue(client("sqs"), settings.queue_url),
        utc_now,
    )


@cache
def turns() -> Queue:
    """The queue that this function reads."""
    return Queue(client("sqs"), read_settings().replay_queue_url)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """SQS records `{"replayId"}` → `{"batchItemFailures": […]}`; what fails comes again and goes on where it was."""
    failures = []
    for record in event["Records"]:
        try:
            _carry_out(json.loads(record["body"])["replayId"], context)
        except Exception:
            # Whatever it is: the message comes again, and in the end lies in the dead-letter queue with its replay.
            logger.exception("replay interrupted", message_id=record["messageId"])
            count("ReplaysInterrupted")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def _carry_out(replay_id: str, context: Any) -> None:
    logger.append_keys(replayId=replay_id)
    ended = worker().run(replay_id, lambda: context.get_remaining_time_in_millis() > LEAST_MILLISECONDS)
    logger.info("replay carried on", outcome=ended)
    if ended == GO_ON:
        turns().send([{"replayId": replay_id}])
    if ended == UNKNOWN:
        logger.warning("there is no such replay any more")
