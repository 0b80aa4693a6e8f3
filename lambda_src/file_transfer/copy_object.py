"""Lambda behind the states Copy to S3 and Copy to SFTP: one target of one transfer."""

from __future__ import annotations

from functools import cache
from typing import Any

from file_transfer.copying.copier import Copier, Outcome
from file_transfer.intake.source import SourceReader
from file_transfer.observe import count, log_keys, logger
from file_transfer.settings import read_settings
from file_transfer.workflows.targets import NEWEST_WINS
from shared.clients import Clients, LazyClient
from shared.clock import seconds_left, stamp, utc_now
from shared.dynamodb import to_value


@cache
def copier() -> Copier:
    """Made with the first copy and kept while the worker lives."""
    clients = Clients()
    return Copier(read_settings(), clients.s3_copy, SourceReader(clients.s3), LazyClient(lambda: clients.s3_parts))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """`{"transfer", "target"}` → `{"id", "state", "reason"?, "record"}`.

    `state` is SUCCEEDED or SKIPPED; `record` is the target's new entry in the status item, typed for DynamoDB.
    Raises the errors of file_transfer.errors, whose class names the state machine catches.
    """
    transfer, target = event["transfer"], event["target"]
    log_keys(transfer)
    outcome = copier().copy(transfer, target, seconds_left(context))
    logger.info("target reached", target=target["id"], state=outcome.state, reason=outcome.reason)
    if outcome.adopted:
        count("CopiesAdopted")
    result = {"id": target["id"], "state": outcome.state, "record": record(transfer, target, outcome, stamp(utc_now()))}
    return result | ({"reason": outcome.reason} if outcome.reason else {})


def record(transfer: dict[str, Any], target: dict[str, Any], outcome: Outcome, at: str) -> dict[str, Any]:
    """The receipt of a target.

    The status item must stay small: what is empty or the default is left out, and the entity tag where it is the
    source's.
    """
    entries = {
        "state": outcome.state,
        "attempts": target.get("attempts", 0) + 1,
        "etag": outcome.etag if outcome.etag != transfer["etag"] else "",
        "checksum": outcome.checksum,
        "versionId": outcome.version_id,
        "reason": outcome.reason,
        "overwrite": target["overwrite"] if target["overwrite"] != NEWEST_WINS else "",
        "at": at,
    }
    return to_value({name: value for name, value in entries.items() if value != ""})
