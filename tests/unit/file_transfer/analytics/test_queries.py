"""The named queries over rows as Firehose writes them: duplicates and earlier changes are not counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from file_transfer.analytics.rows import moment
from shared.clock import stamp
from tests.athena import DIALECT, QUERIES, Athena, columns, write

NOW = datetime.now(UTC)
STATUS, NOTIFICATIONS, FAILURES = "file_transfer_status", "transfer_notification_log", "transfer_failure_queue"
Row = dict[str, Any]
Given = Callable[..., Athena]


def ago(**before: float) -> datetime:
    return NOW - timedelta(**before)


def at(when: datetime) -> str:
    return moment(stamp(when)) or ""


def transfer(number: int, status: str = "SUCCESS", revision: int = 1, **changes: Any) -> Row:
    """A row of transfer t<number>, which ended a second after it came."""
    when = changes.pop("when", NOW)
    plain = {
        "id": f"t{number}",
        "revision": revision,
        "filename": f"f{number}.csv",
        "customerid": "bankpacific",
        "workflowid": "copy-sftp-to-s3",
        "status": status,
        "timestamp": at(when),
        "arrivedat": at(when - timedelta(seconds=1)),
        "finishedat": at(when),
        "durationmillis": 1000,
        "filesizebytes": 10,
        "replays": 0,
    }
    return plain | changes


def notification(number: int, status: str = "SENT", revision: int = 1, **changes: Any) -> Row:
    """A row of the notification of a transfer over the topic."""
    plain = {
        "id": f"n{number}",
        "revision": revision,
        "customerid": "bankpacific",
        "workflowid": "wf",
        "status": status,
        "timestamp": at(NOW),
        "channel": "sns",
        "kind": "transfer",
        "event": "SUCCESS",
    }
    return plain | changes


@pytest.fixture
def given(tmp_path: Path) -> Given:
    """Rows as objects of the bucket, in some order, some of them twice."""
    chance = Random(7)

    def build(table: str, rows: Iterable[Row], day: date | None = None) -> Athena:
        mixed = list(rows)
        mixed += chance.sample(mixed, len(mixed) // 2 + 1)
        chance.shuffle(mixed)
        for number in range(3):
            write(tmp_path, table, str(day or NOW.date()), f"object-{number}", mixed[number::3])
        return Athena(tmp_path)

    return build


def test_failed_files_are_those_whose_newest_row_says_so(given: Given) -> None:
    # Given one file that failed for good, one that was delivered by a replay, one that failed again, and others
    rows = [
        transfer(1, "FAILED", when=ago(hours=3)),
        transfer(2, "FAILED", 1),
        transfer(2, "SUCCESS", 2),
        transfer(3, "RETRYING", 1),
        transfer(3, "FAILED", 2, when=ago(hours=1)),
        transfer(4, "FAILED", workflowid="another"),
        transfer(5, "PARTIAL"),
    ]
    answer = given(STATUS, rows).named("failed_files_of_a_workflow", "copy-sftp-to-s3")
    assert [row["filename"] for row in answer] == ["f3.csv", "f1.csv"]
    assert list(answer[0]) == ["filename", "customerid", "status", "timestamp"]


def test_files_of_a_customer_are_those_of_seven_days(given: Given) -> None:
    rows = [
        transfer(1, when=ago(days=1)),
        transfer(2, when=ago(days=9)),
        transfer(3, customerid="another"),
        transfer(4, "RETRYING", 1, when=ago(days=2)),
        transfer(4, "SUCCESS", 2, when=ago(days=2)),
    ]
    answer = given(STATUS, rows).named("files_of_a_customer", "bankpacific")
    assert [(row["filename"], row["status"]) for row in answer] == [("f1.csv", "SUCCESS"), ("f4.csv", "SUCCESS")]


def test_a_row_in_the_partition_of_the_day_before_is_found(given: Given) -> None:
    # Given a row just after the beginning of the seventh day, in an object whose oldest row came before midnight
    first = datetime.combine(NOW.date() - timedelta(days=7), datetime.min.time(), UTC)
    rows = [transfer(1, when=first + timedelta(minutes=2))]
    answer = given(STATUS, rows, day=(first - timedelta(days=1)).date()).named("files_of_a_customer", "bankpacific")
    assert len(answer) == 1


def test_a_summary_counts_each_transfer_once(given: Given) -> None:
    rows = [transfer(number) for number in range(20)]
    rows += [transfer(number, "RETRYING", 0) for number in range(10)]
    rows += [transfer(20, "FAILED"), transfer(21, "FAILED")]
    answer = given(STATUS, rows).named("summary_by_status")
    assert answer == [{"status": "SUCCESS", "total_files": 20}, {"status": "FAILED", "total_files": 2}]


def test_notifications_are_counted_by_customer_and_status(given: Given) -> None:
    rows = [
        notification(1),
        notification(2, "RETRYING", 1),
        notification(2, "SENT", 2),
        notification(3, "FAILED"),
        notification(4, timestamp=at(ago(days=20))),
    ]
    answer = given(NOTIFICATIONS, rows).named("notifications_by_customer_and_status")
    assert [(row["notifications"], row["status"]) for row in answer] == [(2, "SENT"), (1, "FAILED")]


def test_days_and_customers(given: Given) -> None:
    rows = [transfer(number, when=ago(days=1)) for number in range(3)]
    rows += [transfer(3, "REJECTED", customerid="other"), transfer(4, customerid="other")]
    rows += [transfer(5, when=ago(days=40))]
    answer = given(STATUS, rows).named("transfers_by_day_and_customer")
    told = {(row["arrived"], row["customerid"]): tuple(row.values())[2:] for row in answer}
    assert told == {
        (ago(seconds=1).date(), "other"): (2, 20, 1, 1),
        (ago(days=1, seconds=1).date(), "bankpacific"): (3, 30, 3, 0),
    }


def test_durations_are_of_what_ran_by_itself(given: Given) -> None:
    # Given a hundred deliveries of 1 to 100 seconds, and one that a person replayed a day later
    rows = [transfer(number, durationmillis=number * 1000) for number in range(1, 101)]
    rows += [transfer(101, durationmillis=86_400_000, replays=1), transfer(102, "FAILED", durationmillis=900_000)]
    (answer,) = given(STATUS, rows).named("durations_by_workflow")
    assert answer == {
        "workflowid": "copy-sftp-to-s3",
        "files": 100,
        "p50_seconds": 50.0,
        "p99_seconds": 99.0,
        "longest_seconds": 100.0,
    }


def test_failures_by_reason_tell_what_waits(given: Given) -> None:
    def failure(number: int, reason: str, revision: int = 1, **more: Any) -> Row:
        base = {"id": f"t{number}", "revision": revision, "workflowid": "wf", "customerid": "c", "status": "FAILED"}
        return base | {"timestamp": at(NOW), "failurereason": reason} | more

    rows = [
        failure(1, "TIMEOUT"),
        failure(2, "TIMEOUT"),
        failure(2, "TIMEOUT", 2, replayedat=at(NOW)),
        failure(3, "PERMISSION_DENIED"),
    ]
    answer = given(FAILURES, rows).named("failures_by_reason")
    told = [(row["failurereason"], row["failures"], row["waiting"]) for row in answer]
    assert told == [("TIMEOUT", 2, 1), ("PERMISSION_DENIED", 1, 1)]


def test_a_missed_window_is_one_however_many_channels_heard_of_it(given: Given) -> None:
    def incident(number: int, event: str, due: datetime, channel: str = "sns") -> Row:
        return notification(
            number, kind="incident", event=event, expectationid="nightly", dueat=at(due), channel=channel
        )

    rows = [
        incident(1, "LATE", ago(days=2)),
        incident(2, "LATE", ago(days=2), "erp"),
        incident(3, "MET_LATE", ago(days=2)),
        incident(4, "LATE", ago(days=1)),
        incident(5, "MISSED", ago(days=1)),
        notification(6),
    ]
    (answer,) = given(NOTIFICATIONS, rows).named("sla_misses")
    counted = tuple(answer[name] for name in ("late", "met_late", "missed", "too_many"))
    assert (answer["expectationid"], counted) == ("nightly", (2, 1, 1, 0))


def test_every_query_answers_where_nothing_has_happened_yet(tmp_path: Path) -> None:
    athena = Athena(tmp_path)
    for name, text in QUERIES.items():
        assert athena.named(name, *["x"] * text.count("?")) == [], name


def test_queries_read_what_glue_knows() -> None:
    for name, text in QUERIES.items():
        (table,) = re.findall(r"FROM (\w+_\w+)", text)
        assert columns(table), name


#: What queries may call: these are of Trino's reference and of duckdb's by the same name and meaning, but for those of
#: DIALECT, and so are the other words of the queries. Whoever needs another looks it up in both.
SHARED = {"cast", "count", "max", "sum", "row_number"}
KEYWORDS = {"over", "as", "filter", "in"}


def test_only_functions_that_both_engines_know_are_called() -> None:
    told = {name.partition("(")[0] for name in DIALECT}
    for query, text in QUERIES.items():
        code = re.sub(r"--.*|'[^']*'", "", text)
        called = {name.lower() for name in re.findall(r"\b(\w+)\s*\(", code)} - KEYWORDS
        assert called <= SHARED | told, query


def test_what_differs_in_duckdb_is_what_the_dialect_says() -> None:
    # Each function of the dialect is unknown to duckdb without it, so that nothing is listed for nothing
    database = duckdb.connect()
    for name in DIALECT:
        with pytest.raises(duckdb.CatalogException):
            database.execute(f"SELECT {name.partition('(')[0]}(1, 0.5)")


def test_the_brief_s_queries_count_changes_and_compare_text_where_these_do_not(given: Given) -> None:
    # Given a transfer with a retry, and its rows as they come
    athena = given(STATUS, [transfer(1, "RETRYING", 1), transfer(1, "SUCCESS", 2)])
    # When the summary is asked as the brief has it
    brief = athena.ask("SELECT status, COUNT(*) AS total_files FROM file_transfer_status GROUP BY status")
    # Then it counts more than there is
    assert sum(row["total_files"] for row in brief) > 1
    assert athena.named("summary_by_status") == [{"status": "SUCCESS", "total_files": 1}]
