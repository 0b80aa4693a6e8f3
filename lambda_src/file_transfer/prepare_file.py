"""Lambda behind the state Prepare File: looks into one file, or changes it, before it is delivered."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from file_transfer.content.groups import Groups
from file_transfer.content.objects import Objects
from file_transfer.content.pgp_steps import PgpSteps
from file_transfer.content.preparation import Preparation
from file_transfer.content.settings import Settings, read_settings
from file_transfer.content.unpacking import Unpacking
from file_transfer.errors import Rejection
from file_transfer.intake.source import SourceReader
from file_transfer.notifications.secret_texts import SecretTexts
from file_transfer.observe import count, log_keys, logger
from file_transfer.workflows.definition import Workflow, read_definition
from shared.aws_errors import classify
from shared.clients import Clients, LazyClient, client
from shared.clock import utc_now
from shared.dynamodb import from_item
from shared.sqs import Queue

COUNTED = {"HOLD": "FilesHeld", "REVIEW": "FilesRefused", "DONE": "FilesUnpackedOrMarkers"}


@cache
def settings() -> Settings:
    """Read once a worker."""
    return read_settings()


@cache
def clients() -> Clients:
    """Made with the first file and kept while the worker lives."""
    return Clients()


@cache
def preparation() -> Preparation:
    """All parts, with real clients."""
    own = settings()
    objects = Objects(clients().s3, SourceReader(clients().s3), own.work_bucket)
    queue = Queue(LazyClient(lambda: client("sqs")), own.queue_url)
    groups = Groups(clients().dynamodb, own.control_table, queue, utc_now, own.release_delay_seconds)
    secrets = SecretTexts(LazyClient(lambda: client("secretsmanager")))
    return Preparation(objects, groups, PgpSteps(secrets), Unpacking(objects, queue), utc_now, own.max_file_bytes)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`{"transfer", "targets", "executionId"}` → `{"action", "transfer", …}`.

    COPY `targets` (of `transfer.content`, where something was made of the file), HOLD, DONE with `results`, or REVIEW
    with `status`, `reason` and `message`. Raises the errors of file_transfer.errors.
    """
    transfer = event["transfer"]
    log_keys(transfer)
    try:
        workflow = _workflow(transfer["workflowId"])
        answer = preparation().prepare(transfer, event["targets"], workflow)
    except Rejection as rejection:
        answer = {"action": "REVIEW", "transfer": transfer, "status": "FAILED"}
        answer |= {"reason": rejection.reason, "message": rejection.message}
    except (ClientError, BotoCoreError) as error:
        raise classify(error, "Prepare File") from error
    logger.info(
        "file prepared", action=answer["action"], reason=answer.get("reason"), execution=event.get("executionId")
    )
    if answer["action"] in COUNTED:
        count(COUNTED[answer["action"]])
    return answer


def _workflow(workflow_id: str) -> Workflow:
    """The definition as it is now. Raises Rejection UNKNOWN_WORKFLOW or INVALID_DEFINITION."""
    key = {"PK": {"S": f"WORKFLOW#{workflow_id}"}}
    answer = clients().dynamodb.get_item(TableName=settings().workflow_table, Key=key)
    if "Item" not in answer:
        raise Rejection("UNKNOWN_WORKFLOW", f"there is no workflow {workflow_id!r} any more")
    return read_definition(from_item(answer["Item"]))
