"""Lambda behind the state Validate Input: reads one message, claims its transfer, says what to do next."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from file_transfer.intake.judgement import Judge
from file_transfer.intake.outcome_store import OutcomeStore
from file_transfer.intake.source import SourceReader
from file_transfer.intake.taking import Intake
from file_transfer.observe import count, log_keys, logger
from file_transfer.records.status_store import StatusStore
from file_transfer.settings import read_settings
from file_transfer.workflows.lookup import WorkflowLookup
from shared.aws_errors import classify
from shared.clients import Clients
from shared.clock import utc_now

#: Normal work is counted by the recorder; here only what never gets a status.
COUNTED = {"IGNORE": "ObjectsIgnored", "WAIT": "RetriesPostponed", "NOTED": "OutcomesNoted"}
DUPLICATE, WITHOUT_EFFECT = "DuplicatesDropped", "MessagesWithoutEffect"


@cache
def intake() -> Intake:
    """Made with the first message and kept while the worker lives."""
    settings = read_settings()
    clients = Clients()
    lookup = WorkflowLookup(clients.dynamodb, settings.workflow_table, settings.workflow_cache_seconds)
    store = StatusStore(clients.dynamodb, settings.status_table, settings.lease_seconds)
    notes = OutcomeStore(clients.dynamodb, settings.status_table)
    return Intake(settings, SourceReader(clients.s3), Judge(settings, lookup), store, utc_now, notes)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`{"record": SQS record, "executionId": str}` → the answer described in file_transfer.intake.results.

    Raises Transient, Throttled, Timeout, NotFound or PermissionDenied when a redelivery may go better.
    """
    try:
        result = intake().take(event["record"])
    except (ClientError, BotoCoreError) as error:
        raise classify(error, "Validate Input") from error
    log_keys(result.get("transfer", {}))
    logger.info(
        "message taken",
        action=result["action"],
        reason=result.get("reason"),
        execution=event.get("executionId"),
        message_id=result["messageId"],
    )
    if result["action"] == "DROP":
        count(DUPLICATE if result["reason"] == "DUPLICATE" else WITHOUT_EFFECT)
    elif result["action"] in COUNTED:
        count(COUNTED[result["action"]])
    return result
