"""The services of a worker: everything over AWS, each client made when it is first used."""

from __future__ import annotations

from functools import cache
from typing import Any

from file_transfer.api.draft_lookup import DraftLookup
from file_transfer.api.letter_queue import LetterQueue
from file_transfer.api.services import Services
from file_transfer.api.settings import ApiSettings, read_settings
from file_transfer.expectations.store import ExpectationStore
from file_transfer.intake.judgement import Judge
from file_transfer.records.status_store import StatusStore
from file_transfer.replays.letters import LetterJudge
from file_transfer.replays.store import ReplayStore
from file_transfer.workflows.catalog import WorkflowCatalog
from shared.api.access import Access
from shared.api.cursors import Cursors
from shared.clients import LazyClient, client
from shared.clock import Clock, utc_now
from shared.questions import Asker
from shared.sqs import Queue


@cache
def services() -> Services:
    """Made with the first request. Raises SettingError naming the variable that cannot be read."""
    dynamodb, sqs = LazyClient(lambda: client("dynamodb")), LazyClient(lambda: client("sqs"))
    return make_services(read_settings(), dynamodb, sqs, utc_now)


def make_services(settings: ApiSettings, dynamodb: Any, sqs: Any, clock: Clock) -> Services:
    """Services over two low-level boto3 clients."""

    def lookup(draft: dict[str, Any] | None) -> DraftLookup:
        return DraftLookup(dynamodb, settings.workflow_table, draft)

    orders = settings.notification_queue_url
    status_items = StatusStore(dynamodb, settings.status_table, 0)
    return Services(
        settings=settings,
        asker=Asker(dynamodb),
        access=Access(settings.role_groups, settings.group_customers),
        cursors=Cursors(f"{settings.queue_url} {settings.status_table}"),
        workflows=WorkflowCatalog(dynamodb, settings.workflow_table, clock),
        replays=ReplayStore(dynamodb, settings.control_table),
        windows=ExpectationStore(dynamodb, settings.expectation_table),
        letters=LetterQueue(sqs, settings.dead_letter_queue_url, settings.queue_url),
        letter_judge=LetterJudge(Judge(settings.of_intake(), lookup(None)), status_items, clock),
        intake=Queue(sqs, settings.queue_url),
        orders=Queue(sqs, orders) if orders else None,
        turns=Queue(sqs, settings.replay_queue_url),
        lookup=lookup,
        clock=clock,
    )
