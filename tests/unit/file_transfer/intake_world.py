"""Validate Input against real condition expressions (moto) and a fake S3."""

from __future__ import annotations

from typing import Any

from file_transfer.intake.judgement import Judge
from file_transfer.intake.outcome_store import OutcomeStore
from file_transfer.intake.source import SourceReader
from file_transfer.intake.taking import Intake
from file_transfer.records.status_store import StatusStore
from file_transfer.settings import Settings
from file_transfer.workflows.lookup import WorkflowLookup
from shared.clock import stamp
from shared.dynamodb import from_item
from tests.unit.fake_s3 import FakeS3
from tests.unit.given import KEY, LANDING, SETTINGS, TickingClock, definition, record, s3_event
from tests.unit.moto_tables import put
from tests.unit.settle import settle_in_table


class World:
    """One environment: tables in moto, objects in a fake S3, and an intake on top."""

    def __init__(self, dynamodb: Any, settings: Settings = SETTINGS) -> None:
        self.dynamodb = dynamodb
        self.s3 = FakeS3()
        self.clock = TickingClock()
        put(dynamodb, "WorkflowDefinition", definition())
        lookup = WorkflowLookup(dynamodb, "WorkflowDefinition", 0)
        store = StatusStore(dynamodb, "FileTransferStatus", settings.lease_seconds)
        notes = OutcomeStore(dynamodb, "FileTransferStatus")
        self.intake = Intake(settings, SourceReader(self.s3), Judge(settings, lookup), store, self.clock, notes)

    def upload(self, key: str = KEY, body: bytes = b"content") -> dict[str, Any]:
        """A new object and the event S3 sends about it."""
        version = self.s3.put(LANDING, key, body)
        return s3_event(key, version=version.version_id, etag=version.etag, size=len(body))

    def take(self, body: Any, message_id: str = "m1", receives: int = 1) -> dict[str, Any]:
        return self.intake.take(record(body, message_id, receives))

    def items(self) -> list[dict[str, Any]]:
        page = self.dynamodb.scan(TableName="FileTransferStatus")
        return [from_item(item) for item in page["Items"]]

    def settle(self, answer: dict[str, Any], status: str, **changes: Any) -> None:
        """What the state machine writes after the copies."""
        assert settle_in_table(self.dynamodb, answer["transfer"], status, stamp(self.clock()))
        for name, value in changes.items():
            item = self.items()[0]
            put(self.dynamodb, "FileTransferStatus", {**item, name: value})
