"""`towpath transfers …`: over the queries that file transfer has, by Query and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from file_transfer.notifications.notifier import Notifier
from file_transfer.records.recorder import Recorder
from tests.unit.cli.conftest import Run
from tests.unit.fake_sns import FakeSns
from tests.unit.file_transfer import history
from tests.unit.given import NOW, SETTINGS, TickingClock
from tests.unit.moto_tables import put
from towpath.session import Session

NAME = "bankpacific_transactions_2025-06-28.csv"


class NoScan:
    """A DynamoDB client that answers queries only."""

    def __init__(self, dynamodb: Any) -> None:
        self.query = dynamodb.query


@pytest.fixture
def tables(dynamodb: Any) -> Session:
    """A partly failed transfer of the bank's file, with its records."""
    recorder = Recorder(SETTINGS, dynamodb, Notifier(SETTINGS, dynamodb, FakeSns()), TickingClock())
    changes = history.failure()
    put(dynamodb, "FileTransferStatus", changes[-1][1])
    for old, new in changes:
        recorder.record(old, new, NOW)
    return Session(clients={"dynamodb": NoScan(dynamodb)})


@pytest.mark.parametrize(
    ("options", "found"), [(["--period", "2025-06-28"], 1), (["--period", "2024"], 0), (["--attention"], 1), ([], 0)]
)
def test_list(run: Run, tables: Session, options: list[str], found: int) -> None:
    rows = json.loads(run("transfers", "list", "bankpacific", *options, "--json", session=tables).stdout)

    assert [row["fileName"] for row in rows] == [NAME] * found


def test_show(run: Run, tables: Session) -> None:
    shown = run("transfers", "show", "bankpacific", NAME, session=tables)

    assert shown.exit_code == 0, shown.output
    assert "PARTIAL" in shown.stdout and "s3://" in shown.stdout


def test_show_history(run: Run, tables: Session) -> None:
    rows = json.loads(run("transfers", "show", "bankpacific", NAME, "--history", "--json", session=tables).stdout)

    assert [row["status"] for row in rows] == ["PARTIAL"]


def test_trace(run: Run, tables: Session) -> None:
    table = run("transfers", "trace", "bankpacific", NAME, session=tables)
    story = json.loads(run("transfers", "trace", "bankpacific", NAME, "--json", session=tables).stdout)

    assert story["events"][-1]["eventType"] == "PARTIAL"
    assert len(story["failures"]) == 1
    assert [each["status"] for each in story["notifications"]] == ["SENT"]
    assert table.exit_code == 0 and "Failure records" in table.stdout


@pytest.mark.parametrize("command", ["show", "trace"])
def test_a_file_that_never_came(run: Run, tables: Session, command: str) -> None:
    result = run("transfers", command, "bankpacific", "another.csv", session=tables)

    assert result.exit_code == 5
    assert "towpath transfers list bankpacific" in result.stderr
