"""Lambda that finds what to poll: on a schedule, and for events of DRS and messages of our own from the wake queue."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from disaster_recovery.records.dynamo_store import DynamoStore
from disaster_recovery.settings import read_settings
from disaster_recovery.watch.finding import Finder
from shared.aws_errors import classify
from shared.canonical import canonical_json
from shared.clients import client
from shared.observe import count, logger


class PollerInvoke:
    """Invokes the poller and does not wait for it."""

    def __init__(self, functions: Any, function_name: str) -> None:
        self._functions = functions
        self._name = function_name

    def __call__(self, execution_id: str, reason: str) -> None:
        """Raises the taxonomy's errors when Lambda did not take the event."""
        payload = canonical_json({"executionId": execution_id, "reason": reason})
        try:
            self._functions.invoke(FunctionName=self._name, InvocationType="Event", Payload=payload.encode())
        except (ClientError, BotoCoreError) as error:
            raise classify(error, f"invoke the poller for {execution_id}") from error


@cache
def finder() -> Finder:
    """Made with the first event and kept while the worker lives."""
    settings = read_settings()
    store = DynamoStore(client("dynamodb"), settings.history_table)
    return Finder(store, PollerInvoke(client("lambda"), settings.poller_function_name))


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """An SQS batch → `{"batchItemFailures": […]}`; any other event is the minute's tick → `{"polled": n}`."""
    logger.clear_state()
    if "Records" in event:
        again = finder().batch(event["Records"])
        if again:
            count("WakesFailed", len(again))
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}
    polled = finder().tick()
    count("ExecutionsWatched", polled)
    return {"polled": polled}
