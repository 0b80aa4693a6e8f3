"""Lambda behind the stream of FileTransferStatus: audit, index, failures, notifications, metrics."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

from file_transfer.notifications.notification import AGAIN, FAILED
from file_transfer.notifications.notifier import Notifier
from file_transfer.observe import count, log_keys, logger
from file_transfer.records.recorder import Recorder
from file_transfer.records.status_metrics import emit
from file_transfer.settings import read_settings
from shared.clients import Clients, LazyClient
from shared.clock import utc_now
from shared.dynamodb import from_item


@cache
def recorder() -> Recorder:
    """Made with the first batch and kept while the worker lives."""
    settings = read_settings()
    clients = Clients()
    # Most transfers have no channels, and then no queue is needed.
    notifier = Notifier(settings, clients.dynamodb, clients.sns, LazyClient(lambda: clients.sqs))
    return Recorder(settings, clients.dynamodb, notifier, utc_now)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """A batch of stream records with both images → `{"batchItemFailures": [{"itemIdentifier": sequence number}]}`.

    A record that fails does not keep the others from being written; the stream delivers again from the first that
    failed, and what was written then is found written. Later changes of the same item wait for the failed one.
    """
    failures: list[str] = []
    stuck: set[str] = set()
    counted: list[dict[str, Any]] = []
    for record in event["Records"]:
        change = record["dynamodb"]
        if record.get("eventName") == "REMOVE" or "NewImage" not in change:
            continue
        item_key = str(sorted(change["Keys"].items()))
        if item_key in stuck:
            failures.append(change["SequenceNumber"])
        elif not _record(change, counted):
            stuck.add(item_key)
            failures.append(change["SequenceNumber"])
    emit(counted, recorder().settings.metric_workflows)
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failures]}


def _record(change: dict[str, Any], counted: list[dict[str, Any]]) -> bool:
    """False when the change has to be delivered again."""
    try:
        old, new = from_item(change.get("OldImage", {})), from_item(change["NewImage"])
        log_keys({"id": new["SK"].rsplit("#", 1)[-1], "customerId": new["customerId"]})
        recorded = recorder().record(old, new, _changed_at(change))
    except Exception:
        # Whatever it is, the record must come again or reach the failure queue: it must not take others with it.
        logger.exception("change not recorded", sequence_number=change["SequenceNumber"])
        count("RecordsFailed")
        return False
    if recorded.fresh:
        # The dashboard counts customers out of these lines: as a dimension each would be a metric to pay for.
        why = {"reason": new["failureReason"]} if "failureReason" in new else {}
        logger.info("transfer settled", status=new["status"], workflowId=new["workflowId"], **why)
        counted.append(new)
    if recorded.notification == FAILED:
        count("NotificationsFailed")
    return recorded.notification != AGAIN


def _changed_at(change: dict[str, Any]) -> datetime:
    created = change.get("ApproximateCreationDateTime")
    return datetime.fromtimestamp(float(created), UTC) if created else utc_now()
