"""Running one event source mapping from a DynamoDB stream to a function.

As documented under "Using AWS Lambda with Amazon DynamoDB": the records of a shard are handed over in order, batch by
batch; what fails is retried and holds back what follows, until it is too old or was tried often enough. With a
parallelization factor the records are split by partition key, and each part keeps its own order.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ministack.services import dynamodb, lambda_svc

from local_cloud.engines import event_patterns, wake
from local_cloud.engines.stream_failures import Records, give_up

_LISTEN_SECONDS = 3600.0
_FIRST_RETRY = 0.1
_LONGEST_RETRY = 2.0
_READ = 1000


@dataclass
class Batch:
    """Records to hand over, and the stream position behind the last record that was looked at."""

    records: Records
    end: int


class StreamRunner:
    """Works for one lane of a mapping (there are as many as its parallelization factor) until `current()` is false.

    `mapping` is ministack's record of it, `position` where in the stream to begin; `advanced` hears about progress.
    """

    def __init__(
        self,
        mapping: dict[str, Any],
        lane: int,
        position: int,
        current: Callable[[], bool],
        advanced: Callable[[int, int], None],
    ) -> None:
        self._mapping = mapping
        self._lane = lane
        self._lanes = mapping.get("ParallelizationFactor") or 1
        self._position = position
        self._current = current
        self._advanced = advanced
        self._table = mapping["EventSourceArn"].split(":table/")[1].split("/")[0]
        criteria = (mapping.get("FilterCriteria") or {}).get("Filters") or []
        self._patterns = [entry["Pattern"] for entry in criteria]

    def run(self) -> None:
        """Hands over batches as records arrive."""
        while self._current():
            wake.wait_until(lambda: not self._current() or self._behind(), _LISTEN_SECONDS)
            if self._current():
                batch = self._collect()
                self._process(batch.records)
                if self._current():
                    self._position = batch.end
                    self._advanced(self._lane, batch.end)

    def _behind(self) -> bool:
        table = dynamodb._tables.get(self._table)
        same_stream = bool(table) and table.get("LatestStreamArn") == self._mapping["EventSourceArn"]
        return same_stream and dynamodb.stream_end_position(self._table) > self._position

    def _collect(self) -> Batch:
        """A full batch, or what is there; with a batching window, what has come together when it closes."""
        closes = time.monotonic() + (self._mapping.get("MaximumBatchingWindowInSeconds") or 0)
        size = self._mapping.get("BatchSize") or 100
        batch = self._read(size)
        while batch.records and len(batch.records) < size and self._current():
            seen, left = batch.end, closes - time.monotonic()
            if left <= 0 or not wake.wait_until(lambda: dynamodb.stream_end_position(self._table) > seen, left):  # noqa: B023
                break
            batch = self._read(size)
        return batch

    def _read(self, size: int) -> Batch:
        end = max(self._position, dynamodb.stream_start_position(self._table))
        records: Records = []
        for record in dynamodb.stream_records_since(self._table, end, _READ):
            if len(records) == size:
                break
            if self._is_mine(record) and event_patterns.any_matches(self._patterns, record):
                records.append(record)
            end += 1
        return Batch(records, end)

    def _is_mine(self, record: dict[str, Any]) -> bool:
        if self._lanes == 1:
            return True
        partition = next(iter(record["dynamodb"]["Keys"].values()))
        return zlib.crc32(json.dumps(partition).encode()) % self._lanes == self._lane

    def _process(self, records: Records) -> None:
        """Returns when every record has succeeded or was given up, or when nobody wants it any more."""
        tries = 0
        while records and self._current():
            records = self._without_expired(records, tries)
            failed = self._invoke(records) if records else None
            if failed is None:
                return
            if failed.index:
                records, tries = records[failed.index :], 0
            if failed.counts and self._mapping.get("BisectBatchOnFunctionError") and len(records) > 1:
                middle = len(records) // 2
                self._process(records[:middle])
                records, tries = records[middle:], 0
                continue
            limit = self._mapping.get("MaximumRetryAttempts", -1)
            if failed.counts and 0 <= limit <= tries:
                give_up(self._mapping, self._function(), records, "RetryAttemptsExhausted", tries + 1)
                return
            pause = min(_FIRST_RETRY * 2**tries, _LONGEST_RETRY)
            tries += failed.counts
            wake.wait_until(lambda: not self._current(), pause)

    def _without_expired(self, records: Records, tries: int) -> Records:
        age = self._mapping.get("MaximumRecordAgeInSeconds", -1)
        if age <= 0:
            return records
        oldest = time.time() - age
        expired = [record for record in records if record["dynamodb"]["ApproximateCreationDateTime"] < oldest]
        give_up(self._mapping, self._function(), expired, "MaximumRecordAgeExceeded", tries)
        return records[len(expired) :]

    def _invoke(self, records: Records) -> Failure | None:
        function, _ = lambda_svc._get_func_record_for_qualifier(
            self._mapping["FunctionName"], self._mapping.get("Qualifier")
        )
        if function is None:
            return self._note(Failure(0, counts=False))
        result = lambda_svc._execute_function(function, {"Records": records})
        if result.get("throttle"):
            return self._note(Failure(0, counts=False))
        if result.get("error"):
            return self._note(Failure(0, counts=True))
        failed = self._reported(result.get("body"), records)
        return self._note(failed)

    def _reported(self, answer: Any, records: Records) -> Failure | None:
        """The first record that the function says it could not process."""
        if "ReportBatchItemFailures" not in self._mapping.get("FunctionResponseTypes", []):
            return None
        body = json.loads(answer) if isinstance(answer, str | bytes) and answer else answer
        failures = body.get("batchItemFailures") if isinstance(body, dict) else None
        if not failures:
            return None
        named = {failure.get("itemIdentifier") for failure in failures}
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        # An identifier that is no record of the batch makes the whole batch a failure.
        return Failure(min((numbers.index(name) if name in numbers else 0) for name in named), counts=True)

    def _note(self, failed: Failure | None) -> Failure | None:
        self._mapping["LastProcessingResult"] = "OK" if failed is None else "PROBLEM: Function call failed"
        return failed

    def _function(self) -> dict[str, Any]:
        function, _ = lambda_svc._get_func_record_for_qualifier(
            self._mapping["FunctionName"], self._mapping.get("Qualifier")
        )
        configuration: dict[str, Any] = (function or {}).get("config") or {}
        return configuration


@dataclass(frozen=True)
class Failure:
    """`index` is the first record that failed; `counts` is false when the function was not really tried."""

    index: int
    counts: bool
