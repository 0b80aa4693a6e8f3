"""Delivery to S3: ministack stores each record at once, as nobody in particular, and knows no compression.

Here a stream waits for its buffering interval, of which a minute is a second, or its size. What S3 refuses is tried
again for as long as the stream exists, and said in its log.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import firehose

from local_cloud import role_trust, service_logs
from local_cloud.aws_client import client, spawn
from local_cloud.faults.rules import IN_FORCE, ON_CALLS, Occasion
from local_cloud.firehose.batches import Batch, Record, batches
from local_cloud.symbols import PatchedSymbol

_MODULE = "ministack.services.firehose"
SYMBOLS = (
    PatchedSymbol(_MODULE, "_deliver_records_to_s3", "1f7d459024276df3"),
    PatchedSymbol(_MODULE, "_dest_description", "64df867dbdbd3227"),
    PatchedSymbol(_MODULE, "_put_record_batch", "5e868d2aec51e622"),
    PatchedSymbol(_MODULE, "_apply_lambda_processors", "94ce432c4f584230"),
    PatchedSymbol(_MODULE, "_metadata_extraction_keys", "5310a36adfa072d0"),
    PatchedSymbol(_MODULE, "_evaluate_prefix", "d407ad1dba8f3b4c"),
    PatchedSymbol(_MODULE, "_convert_to_parquet", "08264c81ebac8d92"),
    PatchedSymbol(_MODULE, "_java_time", "cb8bad8f80575319"),
    PatchedSymbol(_MODULE, "_arrival_time", "0c86b19cce5e2542"),
    PatchedSymbol(_MODULE, "_DeliveryError", "c7842959af91f2e0"),
    *role_trust.SYMBOLS,
    *service_logs.SYMBOLS,
)
_MINUTE = 60
_SHORTEST_SECONDS = 0.2
_MEGABYTE = 1 << 20
_FORGOTTEN = ("CustomTimeZone", "FileExtension")
_describe = firehose._dest_description


class RecordRefused(Exception):
    """A record of a batch was not accepted."""


@dataclass
class Buffer:
    """What a stream has collected since it last delivered."""

    records: list[Record] = field(default_factory=list)
    size: int = 0
    full: threading.Event = field(default_factory=threading.Event)


_lock = threading.Lock()
_buffers: dict[tuple[str, str, str], Buffer] = {}


def install() -> None:
    """Puts our delivery in the place of ministack's."""
    firehose._deliver_records_to_s3 = collect
    firehose._dest_description = describe


def describe(destination: dict[str, Any]) -> dict[str, Any]:
    """A destination with the settings that ministack leaves out."""
    described: dict[str, Any] = _describe(destination)
    forgotten = {name: destination["config"][name] for name in _FORGOTTEN if name in destination["config"]}
    if destination["type"] == "ExtendedS3":
        described["ExtendedS3DestinationDescription"] |= forgotten
    return described


def collect(stream: dict[str, Any], destination: dict[str, Any], records: list[Record]) -> None:
    """Takes records on. Raises RecordRefused when a rule wants that: service `firehose`, operation `AcceptRecord`."""
    occasion = Occasion("firehose", "AcceptRecord", stream["arn"], iam_evaluator.caller_arn())
    if IN_FORCE.decide(occasion, ON_CALLS):
        raise RecordRefused("Slow down.")
    hints = destination["config"].get("BufferingHints") or {}
    key = (get_account_id(), get_region(), stream["name"])
    with _lock:
        is_first = key not in _buffers
        buffer = _buffers.setdefault(key, Buffer())
        buffer.records.extend(records)
        buffer.size += sum(len(data) for _, data in records)
        if buffer.size >= hints.get("SizeInMBs", 5) * _MEGABYTE:
            buffer.full.set()
    if is_first:
        spawn(_deliver_later, key, stream, destination, buffer, hints.get("IntervalInSeconds", 300) / _MINUTE)


def _deliver_later(
    key: tuple[str, str, str], stream: dict[str, Any], destination: dict[str, Any], buffer: Buffer, seconds: float
) -> None:
    buffer.full.wait(max(seconds, _SHORTEST_SECONDS))
    with _lock:
        del _buffers[key]
    for batch in batches(stream, destination, buffer.records):
        while firehose._streams.get(stream["name"]) is stream and not _stored(stream, destination, batch):
            time.sleep(max(seconds, _SHORTEST_SECONDS))


def _stored(stream: dict[str, Any], destination: dict[str, Any], batch: Batch) -> bool:
    """Whether the object could be stored as the stream's role."""
    settings = destination["config"]
    role, bucket = settings["RoleARN"], settings["BucketARN"].rpartition(":")[2]
    if not role_trust.trusts(role, "firehose", stream["arn"]):
        _log(stream, settings, "S3.AccessDenied", "Firehose is unable to assume the role")
        return False
    try:
        client("s3", role, "AWSFirehoseToS3").put_object(Bucket=bucket, Key=batch.key, Body=batch.body)
    except (BotoCoreError, ClientError) as error:
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else "InternalError"
        _log(stream, settings, f"S3.{code}", str(error))
        return False
    return True


def _log(stream: dict[str, Any], settings: dict[str, Any], code: str, message: str) -> None:
    options = settings.get("CloudWatchLoggingOptions") or {}
    if options.get("Enabled"):
        line = {
            "deliveryStreamARN": stream["arn"],
            "destination": settings["BucketARN"],
            "deliveryStreamVersionId": stream["version"],
            "message": message,
            "errorCode": code,
        }
        service_logs.write("firehose", options["LogGroupName"], options["LogStreamName"], stream["arn"], line)
