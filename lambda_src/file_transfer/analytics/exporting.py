"""From a batch of a stream to records of a delivery stream, which Firehose gathers to objects."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from file_transfer.analytics.rows import Item, Row, failure_row, notification_row, transfer_row
from file_transfer.analytics.settings import AnalyticsSettings
from file_transfer.observe import count, logger
from shared.dynamodb import from_item

#: A call takes 500 records and 4 MiB (Amazon Data Firehose API Reference, PutRecordBatch).
MOST_RECORDS = 500
MOST_BYTES = 4 * 1024 * 1024
#: How often the refused records of a call are sent at once; after that the stream waits and brings them again.
TRIES = 3


@dataclass(frozen=True)
class Line:
    """A row as it is stored, and the change that it tells of."""

    sequence_number: str
    data: bytes


@dataclass(frozen=True)
class Dataset:
    """Which rows a table has, and where they go."""

    delivery: str
    row_of: Callable[[Item], Row | None]


@dataclass(frozen=True)
class Exporter:
    """`firehose` may put records into the delivery streams and nothing else."""

    firehose: Any
    settings: AnalyticsSettings

    def export(self, records: Sequence[Mapping[str, Any]]) -> list[str]:
        """Sequence numbers of the changes whose rows were not accepted; they have to come again.

        All records are of one table. Raises ValueError for another table's, and what botocore raises when not even
        the first call is carried out.
        """
        dataset = self._dataset(records[0]["eventSourceARN"])
        lines, failed = _lines(dataset, records)
        for call in calls(lines):
            refused = self._put(dataset.delivery, call, first=call[0] is lines[0])
            failed += [line.sequence_number for line in refused]
        count("RowsExported", len(lines))
        if failed:
            count("RowsRefused", len(failed))
        return failed

    def _dataset(self, stream_arn: str) -> Dataset:
        settings = self.settings
        datasets = {
            settings.status_table: Dataset(settings.status_delivery, transfer_row),
            settings.notification_table: Dataset(settings.notification_delivery, notification_row),
            settings.failure_table: Dataset(settings.failure_delivery, failure_row),
        }
        table = stream_arn.split("/")[1]
        if table not in datasets:
            raise ValueError(f"no rows are made of table {table}")
        return datasets[table]

    def _put(self, delivery: str, call: Sequence[Line], *, first: bool) -> list[Line]:
        """Lines that Firehose did not accept. An answer of success may refuse any of its records."""
        left = list(call)
        for _ in range(TRIES):
            try:
                answer = self.firehose.put_record_batch(
                    DeliveryStreamName=delivery, Records=[{"Data": line.data} for line in left]
                )
            except (ClientError, BotoCoreError):
                if first and len(left) == len(call):
                    raise
                logger.exception("rows not accepted", delivery=delivery, rows=len(left))
                return left
            told = zip(left, answer["RequestResponses"], strict=True)
            left = [line for line, response in told if response.get("ErrorCode")]
            if not left:
                return []
        logger.warning("rows refused", delivery=delivery, rows=len(left))
        return left


def calls(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines in order, as many to a call as it takes."""
    call: list[Line] = []
    size = 0
    for line in lines:
        if call and (len(call) == MOST_RECORDS or size + len(line.data) > MOST_BYTES):
            yield call
            call, size = [], 0
        call.append(line)
        size += len(line.data)
    if call:
        yield call


def _lines(dataset: Dataset, records: Sequence[Mapping[str, Any]]) -> tuple[list[Line], list[str]]:
    """Rows of a batch as lines of JSON, and the changes of which no row can be made: they must not be lost unseen."""
    lines: list[Line] = []
    failed: list[str] = []
    for record in records:
        change = record["dynamodb"]
        if "NewImage" not in change:
            continue
        try:
            row = dataset.row_of(from_item(change["NewImage"]))
        except Exception:
            logger.exception("no row can be made of a change", keys=change.get("Keys"))
            failed.append(change["SequenceNumber"])
            continue
        if row is not None:
            known = {name: value for name, value in row.items() if value is not None}
            data = json.dumps(known, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            lines.append(Line(change["SequenceNumber"], data))
    return lines, failed
