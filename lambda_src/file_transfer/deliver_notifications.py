"""Lambda behind the queue of notification orders: one try each, over one channel each."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from file_transfer.notifications.delivering import Deliverer
from file_transfer.notifications.delivery_log import DeliveryLog
from file_transfer.notifications.digests import DigestStore
from file_transfer.notifications.secret_texts import SecretTexts
from file_transfer.notifications.sending import Sender
from file_transfer.notifications.settings import NotificationSettings, read_settings
from file_transfer.observe import count, logger
from shared.clients import Clients, LazyClient, client
from shared.clock import utc_now
from shared.errors import ValidationFailed
from shared.side_by_side import side_by_side

#: The longest time SQS hides a message (API Reference, ChangeMessageVisibility), less what it has been hidden already.
LONGEST_SECONDS = 42000


@cache
def queue() -> Any:
    """A client of SQS, made with its first call."""
    return LazyClient(lambda: client("sqs"))


@cache
def settings() -> NotificationSettings:
    """Read with the first message."""
    return read_settings()


@cache
def deliverer() -> Deliverer:
    """Made with the first message and kept while the worker lives."""
    secrets = SecretTexts(LazyClient(lambda: client("secretsmanager")))
    clients = Clients()
    dynamodb = clients.dynamodb
    return Deliverer(
        settings(),
        dynamodb,
        queue(),
        Sender(settings(), LazyClient(lambda: clients.sns), secrets),
        DeliveryLog(dynamodb, settings().notification_table, settings().lease_seconds),
        DigestStore(dynamodb, settings().control_table),
        utc_now,
    )


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """A batch of orders → `{"batchItemFailures": [{"itemIdentifier": message id}]}`: those that have to come again.

    They are tried side by side: one receiver that does not answer takes nobody else's time.
    """
    logger.clear_state()
    records: list[dict[str, Any]] = event["Records"]
    deliverer()  # what threads share is made before there are any
    done = side_by_side(_carried_out, records, at_once=len(records), many=2)
    failed = [record for record, is_done in zip(records, done, strict=True) if not is_done]
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}


def _carried_out(record: dict[str, Any]) -> bool:
    try:
        seconds = deliverer().carry_out(record["body"])
    except ValidationFailed as error:
        logger.error("order put aside", reason=str(error), message_id=record["messageId"])
        return _put_aside(record)
    except Exception:
        # Whatever it is, the order comes again when its visibility timeout ends, and others are not held up by it.
        logger.exception("order not carried out", message_id=record["messageId"])
        return False
    if seconds > 0:
        _hide(record, seconds)
    return seconds <= 0


def _put_aside(record: dict[str, Any]) -> bool:
    """What nobody can carry out goes where people look, at once. False if it could not be put there."""
    try:
        queue().send_message(QueueUrl=settings().dead_letter_url, MessageBody=record["body"])
    except Exception:
        logger.exception("order not put aside", message_id=record["messageId"])
        return False
    count("OrdersPutAside")
    return True


def _hide(record: dict[str, Any], seconds: float) -> None:
    """The message comes again after so long. If this fails, it comes when its visibility timeout ends."""
    try:
        queue().change_message_visibility(
            QueueUrl=settings().queue_url,
            ReceiptHandle=record["receiptHandle"],
            VisibilityTimeout=min(math.ceil(seconds), LONGEST_SECONDS),
        )
    except Exception:
        logger.exception("message not hidden", message_id=record["messageId"])
