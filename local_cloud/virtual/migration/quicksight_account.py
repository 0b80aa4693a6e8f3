"""QuickSight of one account and Region on the kernel's clock, reading bundles from the cloud's buckets."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from local_cloud.quicksight import ObjectRefused, Simulator
from local_cloud.virtual.accounts import Account
from local_cloud.virtual.kernel import Kernel, KernelClock
from local_cloud.virtual.s3 import Buckets

Document = Mapping[str, Any]


class QuickSightAccount(Account[Simulator]):
    """An account as a seed document says."""

    def __init__(self, kernel: Kernel, buckets: Buckets, document: Document, seed: int = 0) -> None:
        self.id, self.region = str(document["account"]), str(document["region"])
        simulator = Simulator(
            KernelClock(kernel),
            seed,
            account=self.id,
            region=self.region,
            objects=lambda _principal, account, uri: read_object(buckets, account, uri),
            links=f"https://{self.id}.bundles.local/bundle",
        )
        simulator.seed(document)
        super().__init__(kernel, simulator, f"arn:aws:iam::{self.id}:root")

    def download(self, url: str) -> io.BytesIO:
        """What a GET of a DownloadUrl gives. Raises DownloadRefused."""
        return io.BytesIO(self.simulator.download(url))


@dataclass(frozen=True)
class QuickSightApi:
    """An account as one principal sees it."""

    account: QuickSightAccount
    principal: str

    def call(self, operation: str, parameters: Mapping[str, Any], _principal: str = "") -> dict[str, Any]:
        """The answer of an operation. Raises ApiError, LostResponse."""
        return self.account.call(operation, parameters, self.principal)


def read_object(buckets: Buckets, account: str, uri: str) -> bytes:
    """What an import reads: an object in a bucket of its own account. Raises ObjectRefused."""
    parts = urlsplit(uri)
    bucket, key = parts.netloc, parts.path.removeprefix("/")
    if buckets.owners.get(bucket) != account:
        raise ObjectRefused("AccessDenied", f"{uri} is not in a bucket of {account}")
    if key not in buckets.keys(bucket):
        raise ObjectRefused("NoSuchKey", f"{uri} does not exist")
    return buckets.read(bucket, key)
