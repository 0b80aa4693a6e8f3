"""Lambda behind the queue of the connectors' events."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from file_transfer.connectors.wiring import Parts
from file_transfer.observe import logger


@cache
def parts() -> Parts:
    """Made with the first batch and kept while the worker lives."""
    return Parts()


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """A batch of SQS records → `{"batchItemFailures": [{"itemIdentifier": message id}]}`."""
    failures = []
    for record in event["Records"]:
        logger.clear_state()
        try:
            heard = parts().hearer.hear(json.loads(record["body"]))
        except Exception:
            # Whatever it is, the event comes again: it must not take the others of its batch with it.
            logger.exception("event not heard", message_id=record["messageId"])
            failures.append(record["messageId"])
        else:
            logger.info("event heard", message_id=record["messageId"], heard=heard)
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failures]}
