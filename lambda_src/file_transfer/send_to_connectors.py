"""Lambda behind the queue of orders to connectors: files for remote SFTP servers."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from file_transfer.connectors import outcomes
from file_transfer.connectors.sends import LINE_KIND
from file_transfer.connectors.wiring import Parts
from file_transfer.errors import PERMANENT_CODES, Rejection, TowpathError
from file_transfer.observe import count, log_keys, logger
from shared.aws_errors import classify
from shared.schemas import problems

#: Deliveries of an order whose file cannot be put into the outbox; then the transfer's own retries take over.
ATTEMPTS = 3


@cache
def parts() -> Parts:
    """Made with the first batch and kept while the worker lives."""
    return Parts()


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """A batch of SQS records → `{"batchItemFailures": [{"itemIdentifier": message id}]}`.

    First every order is in its line, then the lines move: so orders of one batch share a StartFileTransfer.
    """
    failures: list[str] = []
    lines: dict[str, dict[str, str]] = defaultdict(dict)
    for record in event["Records"]:
        try:
            alias, operation = _take(record)
        except Exception as error:
            logger.warning("order not taken", message_id=record["messageId"], error=repr(error))
            failures.append(record["messageId"])
        else:
            if alias:
                lines[alias][record["messageId"]] = operation
    for alias, orders in lines.items():
        try:
            parts().sender.advance(alias, [each for each in orders.values() if each])
        except Exception as error:
            # The orders are in the line: the message is only a reason to move it, and comes again as such.
            logger.warning("line not moved", connector=alias, error=repr(error))
            count("ConnectorLinesStuck")
            failures += orders
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failures]}


def _take(record: dict[str, Any]) -> tuple[str, str]:
    """(alias of the line to move, operation that was put into it); empty texts where there is nothing to do."""
    message = json.loads(record["body"])
    if message.get("kind") == LINE_KIND:
        return str(message["connector"]), ""
    found = problems("connector-order", message)
    if found:
        raise ValueError("; ".join(str(each) for each in found[:3]))
    log_keys(message["transfer"])
    try:
        return parts().sender.accept(message), message["operation"]
    except Rejection as rejection:
        _refuse(message, rejection.reason, rejection.message)
    except (TowpathError, ClientError, BotoCoreError) as error:
        known = error if isinstance(error, TowpathError) else classify(error, "outbox")
        receives = int(record.get("attributes", {}).get("ApproximateReceiveCount", "1"))
        if known.code not in PERMANENT_CODES and receives < ATTEMPTS:
            raise
        _refuse(message, known.code, str(known))
    return "", ""


def _refuse(order: dict[str, Any], reason: str, message: str) -> None:
    logger.warning("order refused", reason=reason, error=message)
    count("ConnectorSendsFailed")
    named = {"pk": order["transfer"]["pk"], "sk": order["transfer"]["sk"], "target": order["target"]["id"]}
    parts().sender.tell(outcomes.failure({**named, "operation": order["operation"]}, reason, message))
