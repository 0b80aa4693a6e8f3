"""Records that were collected, as the objects they become: by prefix, with delimiters, converted, compressed.

Names of objects: Data Firehose developer guide, "Configure Amazon S3 object name format".
"""

from __future__ import annotations

import base64
import gzip
import json
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ministack.services import firehose

Record = tuple[str, bytes]
"""Id and data."""


@dataclass(frozen=True)
class Batch:
    """An object to be stored."""

    key: str
    body: bytes


def batches(stream: dict[str, Any], destination: dict[str, Any], records: list[Record]) -> Iterator[Batch]:
    """What becomes of the records of a stream."""
    settings: dict[str, Any] = destination["config"]
    partitions: dict[str, dict[str, str]] = {}
    moment = firehose._arrival_time(settings)
    groups: dict[str, list[bytes]] = {}
    failures: dict[str, list[bytes]] = {}
    processed = firehose._apply_lambda_processors(stream, destination, records, partition_sink=partitions)
    for record_id, data in processed:
        try:
            prefix = _prefix(settings, moment, data, partitions.get(record_id))
            groups.setdefault(prefix, []).append(data)
        except firehose._DeliveryError as error:
            prefix = _error_prefix(settings, moment, error)
            failures.setdefault(prefix, []).append(_failed(data, error))
    for prefix, kept in groups.items():
        try:
            body, extension = _body(settings, kept)
            yield Batch(prefix + _name(stream, moment) + extension, body)
        except firehose._DeliveryError as error:
            failures.setdefault(_error_prefix(settings, moment, error), []).extend(_failed(one, error) for one in kept)
    for prefix, documents in failures.items():
        yield Batch(prefix + _name(stream, moment), b"".join(documents))


def _prefix(settings: dict[str, Any], moment: Any, data: bytes, keys: dict[str, str] | None) -> str:
    partitioned = (settings.get("DynamicPartitioningConfiguration") or {}).get("Enabled")
    found = firehose._metadata_extraction_keys(settings, data) if partitioned else None
    return str(firehose._evaluate_prefix(settings.get("Prefix", ""), moment, found, keys))


def _error_prefix(settings: dict[str, Any], moment: Any, error: Any) -> str:
    if template := settings.get("ErrorOutputPrefix"):
        return str(firehose._evaluate_prefix(template, moment, error_type=error.output_type))
    return f"{settings.get('Prefix', '')}{error.output_type}/{firehose._java_time('yyyy/MM/dd/HH/', moment)}"


def _name(stream: dict[str, Any], moment: Any) -> str:
    return f"{stream['name']}-{stream['version']}-{firehose._java_time('yyyy-MM-dd-HH-mm-ss', moment)}-{uuid.uuid4()}"


def _body(settings: dict[str, Any], records: Iterable[bytes]) -> tuple[bytes, str]:
    """Content and extension of an object."""
    delimiter = _delimiter(settings)
    body, extension = b"".join(record + delimiter for record in records), ""
    conversion = settings.get("DataFormatConversionConfiguration") or {}
    if conversion and conversion.get("Enabled", True):
        body, extension = firehose._convert_to_parquet(conversion, body), ".parquet"
    elif settings.get("CompressionFormat") == "GZIP":
        body, extension = gzip.compress(body), ".gz"
    return body, settings.get("FileExtension") or extension


def _delimiter(settings: dict[str, Any]) -> bytes:
    """What follows each record; a new line unless the processor names something else."""
    processing = settings.get("ProcessingConfiguration") or {}
    for processor in (processing.get("Processors") or []) if processing.get("Enabled") else []:
        if processor["Type"] == "AppendDelimiterToRecord":
            named = {one["ParameterName"]: one["ParameterValue"] for one in processor.get("Parameters") or []}
            return str(named.get("Delimiter", "\n")).replace("\\n", "\n").encode()
    return b""


def _failed(data: bytes, error: Any) -> bytes:
    now = int(time.time() * 1000)
    document = {
        "attemptsMade": 1,
        "arrivalTimestamp": now,
        "errorCode": error.code or error.output_type,
        "errorMessage": error.message,
        "attemptEndingTimestamp": now,
        "rawData": base64.b64encode(data).decode(),
    }
    return json.dumps(document).encode() + b"\n"
