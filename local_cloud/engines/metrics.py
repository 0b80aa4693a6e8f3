"""Metrics that AWS publishes by itself: AWS/SQS, metrics embedded in logs, and alarms that look at their dimensions.

AWS/States is recorded where executions end (`states_executions`), AWS/Lambda where functions are executed
(`function_metrics`). Queue depths are published when they change and otherwise once a minute.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import cloudwatch, cloudwatch_logs, sqs

from local_cloud.engines import alarm_evaluation, embedded_metrics
from local_cloud.symbols import PatchedSymbol

SYMBOLS = (
    PatchedSymbol("ministack.services.cloudwatch", "_evaluate_alarm", "a0b0acd3d432b711"),
    PatchedSymbol("ministack.services.cloudwatch", "record_metric", "7f777bfbe523a0c5"),
    PatchedSymbol("ministack.services.cloudwatch_logs", "_append_log_events", "e47cae7a15a4cc46"),
)

_SAMPLE_SECONDS = 5.0
_PUBLISH_SECONDS = 60.0
Key = tuple[str, str, str]
_published: dict[Key, tuple[float, dict[str, float]]] = {}


def install() -> None:
    """Wraps the writing of log events, replaces the evaluation of alarms and starts the sampler."""
    append = cloudwatch_logs._append_log_events

    def append_and_extract(stream: dict[str, Any], events: list[dict[str, Any]]) -> None:
        append(stream, events)
        for event in events:
            embedded_metrics.record(event.get("message", ""))

    cloudwatch_logs._append_log_events = append_and_extract
    cloudwatch._evaluate_alarm = alarm_evaluation.evaluate
    threading.Thread(target=_sample_for_ever, daemon=True, name="towpath-metrics").start()


def _sample_for_ever() -> None:
    while True:
        time.sleep(_SAMPLE_SECONDS)
        for key, queue in list(sqs._queues.all_items()):
            _publish(key, _depths(queue))
        for account, region in {key[:2] for key, _ in cloudwatch._alarms.all_items()}:
            with request_scope(account, region):
                cloudwatch._evaluate_all_alarms()


def _publish(key: Key, depths: dict[str, float]) -> None:
    moment, before = _published.get(key, (0.0, {}))
    if depths == before and time.monotonic() - moment < _PUBLISH_SECONDS:
        return
    _published[key] = (time.monotonic(), depths)
    with request_scope(key[0], key[1]):
        dimensions = {"QueueName": key[2].rsplit("/", 1)[-1]}
        for name, value in depths.items():
            unit = "Seconds" if name == "ApproximateAgeOfOldestMessage" else "Count"
            cloudwatch.record_metric("AWS/SQS", name, value, unit, dimensions)


def _depths(queue: dict[str, Any]) -> dict[str, float]:
    now, messages = time.time(), list(queue["messages"])
    hidden = [message for message in messages if message.get("visible_at", 0) > now]
    delayed = sum(not message.get("receive_count") for message in hidden)
    oldest = min((message.get("sent_at", now) for message in messages), default=now)
    return {
        "ApproximateNumberOfMessagesVisible": float(len(messages) - len(hidden)),
        "ApproximateNumberOfMessagesNotVisible": float(len(hidden) - delayed),
        "ApproximateNumberOfMessagesDelayed": float(delayed),
        "ApproximateAgeOfOldestMessage": float(int(now - oldest)),
    }
