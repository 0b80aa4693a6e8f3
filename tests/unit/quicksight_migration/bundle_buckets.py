"""Buckets in memory behind boto3's own parameters, with calls that fail when a test says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, cast

from local_cloud.aws_models.errors import ApiError, LostResponse
from local_cloud.virtual.clients import plain
from local_cloud.virtual.kernel import Kernel
from local_cloud.virtual.s3 import Buckets
from quicksight_migration.bundles.storage import Bucket

FILES, STAGING = "bundles", "staging"
KEY = "arn:aws:kms:us-east-1:000000000000:key/files"
START = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


@dataclass
class Hands:
    """A clock that the test moves."""

    now: datetime = START

    def utc(self) -> datetime:
        return self.now

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Flaky:
    """A service whose calls are counted and may fail: `fault(operation, number of the call)` says how, or "" .

    "lost": carried out, no answer. "down": 503, not carried out. "throttled", "denied", "dead": the worker is no more.
    """

    inner: Callable[[str, dict[str, Any]], dict[str, Any]]
    fault: Callable[[str, int], str] = lambda _operation, _number: ""
    calls: list[str] = field(default_factory=list)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    done: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self.calls.append(operation)
        self.asked.append((operation, parameters))
        fault = self.fault(operation, len(self.calls))
        if fault in _REFUSALS:
            raise _REFUSALS[fault]
        if fault == "dead before":
            raise Died
        answer = self.inner(operation, parameters)
        self.done.append((operation, parameters))
        if fault == "dead after":
            raise Died
        if fault == "lost":
            raise LostResponse
        return answer

    def count(self, operation: str) -> int:
        return Counter(self.calls)[operation]


class Died(BaseException):
    """The worker's sandbox is gone."""


_REFUSALS = {
    "down": ApiError("ServiceUnavailable", "down", 503),
    "throttled": ApiError("ThrottlingException", "slower", 429),
    "denied": ApiError("AccessDenied", "no", 403),
}


@cache
def client(service: str, flaky: Switch) -> Any:
    """One client serves all tests: making one takes longer than a test."""
    return plain(service, flaky, "us-east-1")


class Switch:
    """Leads to the service of the test that runs."""

    def __init__(self) -> None:
        self.service: Flaky | None = None

    def call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        assert self.service
        return self.service.call(operation, parameters)


_S3 = {FILES: Switch(), STAGING: Switch()}


@dataclass
class Storage:
    """The bundle bucket and the staging bucket, each with its own client."""

    clock: Hands = field(default_factory=Hands)

    def __post_init__(self) -> None:
        self.buckets = Buckets(cast(Kernel, self.clock), {FILES: "000000000000", STAGING: "222222222222"})
        self.files_s3, self.staging_s3 = Flaky(self.buckets.call), Flaky(self.buckets.call)
        _S3[FILES].service, _S3[STAGING].service = self.files_s3, self.staging_s3
        self.files = Bucket(client("s3", _S3[FILES]), FILES, KEY)
        self.staging = Bucket(client("s3", _S3[STAGING]), STAGING)

    @property
    def staging_client(self) -> Any:
        return client("s3", _S3[STAGING])

    @property
    def files_client(self) -> Any:
        return client("s3", _S3[FILES])

    def body(self, key: str, bucket: str = FILES) -> bytes:
        return self.buckets.read(bucket, key)
