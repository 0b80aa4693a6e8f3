"""The brief's questions to the six tables, each a Query, on what the recorder wrote."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from file_transfer.notifications.notifier import Notifier
from file_transfer.records.queries import TransferQueries
from file_transfer.records.recorder import Recorder
from tests.unit.fake_sns import FakeSns
from tests.unit.file_transfer import history
from tests.unit.given import NOW, SETTINGS, TickingClock
from tests.unit.moto_tables import INDEXES, put

NAME = "bankpacific_transactions_2025-06-28.csv"
LAMBDA_SRC = Path(__file__).parents[3] / "lambda_src"


class NoScan:
    """A DynamoDB client that answers queries only."""

    def __init__(self, dynamodb: Any) -> None:
        self.query = dynamodb.query


@pytest.fixture
def queries(dynamodb: Any) -> TransferQueries:
    """Over a partly failed transfer of the bank's file, with its records, and a topic that fails."""
    changes = history.failure()
    sns = FakeSns()
    sns.refusals = 99
    recorder = Recorder(SETTINGS, dynamodb, Notifier(SETTINGS, dynamodb, sns), TickingClock())
    put(dynamodb, "FileTransferStatus", changes[-1][1])
    for old, new in changes:
        for _ in range(SETTINGS.notification_max_attempts):
            recorder.record(old, new, NOW)
    return TransferQueries(NoScan(dynamodb), {name: name for name in INDEXES})


def test_questions_about_a_file(queries: TransferQueries) -> None:
    latest = queries.latest_status("bankpacific", NAME)
    assert latest is not None and latest["status"] == "PARTIAL"
    assert [item["status"] for item in queries.history("bankpacific", NAME)] == ["PARTIAL"]
    assert [each["eventType"] for each in queries.audit_trail("bankpacific", NAME)][-1] == "PARTIAL"
    assert [each["revision"] for each in queries.failures_of_file("bankpacific", NAME)] == [1]
    assert [each["status"] for each in queries.notifications_of_file("bankpacific", NAME)] == ["FAILED"]
    assert queries.latest_status("bankpacific", "another.csv") is None


@pytest.mark.parametrize(("period", "found"), [("2025-06-28", 1), ("2025-06", 1), ("2025", 1), ("2025-06-27", 0)])
def test_questions_about_a_customer_and_a_time(queries: TransferQueries, period: str, found: int) -> None:
    assert len(queries.files_of_customer("bankpacific", period)) == found


def test_questions_about_what_needs_attention(queries: TransferQueries) -> None:
    assert len(queries.attention_of_customer("bankpacific")) == 1
    assert len(queries.failures_of_customer("bankpacific")) == 1
    assert len(queries.by_workflow_and_status("copy-sftp-to-s3-and-sftp", "PARTIAL")) == 1
    assert queries.by_workflow_and_status("copy-sftp-to-s3-and-sftp", "SUCCESS") == []
    assert len(queries.by_date_and_status("2025-06-28", "PARTIAL")) == 1
    assert len(queries.notifications_of_customer("bankpacific", "FAILED")) == 1
    assert queries.notifications_of_customer("bankpacific", "SENT") == []
    assert len(queries.failed_notifications("2025-06-28")) == 1


def test_no_code_of_ours_scans() -> None:
    # Given every call in the handlers' code
    files = list(LAMBDA_SRC.rglob("*.py"))
    assert len(files) > 30
    called = {
        node.func.attr
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    # Then none reads a whole table
    assert "query" in called
    assert not called & {"scan", "execute_statement"}
