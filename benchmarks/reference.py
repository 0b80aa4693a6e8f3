"""What the same machine needs for the bare S3 requests of a file: one PUT and a COPY for each of two targets."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from benchmarks.runs import CONTENT
from local_cloud.session import LocalCloud

BUCKET = "benchmark-reference"
AT_ONCE = 10


@dataclass
class Reference:
    """Measures in the same run, between the files; everything else is put in relation to it."""

    cloud: LocalCloud
    latencies_ms: list[float] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.cloud.client("s3").create_bucket(Bucket=BUCKET)
        self.once()  # opens the connection
        self.latencies_ms.clear()

    def once(self) -> None:
        """Times the three requests of one file."""
        begun = time.perf_counter()
        self._requests()
        self.latencies_ms.append((time.perf_counter() - begun) * 1000)

    def burst(self, files: int, progress: Callable[[str], None]) -> float:
        """Seconds for the requests of so many files, ten files at a time."""
        progress(f"reference: burst of {files} files")
        begun = time.perf_counter()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for done in [pool.submit(self._requests) for _ in range(files)]:
                done.result()
        return time.perf_counter() - begun

    def _requests(self) -> None:
        s3, key = self.cloud.client("s3"), f"in/{next(self._numbers):05d}.csv"
        s3.put_object(Bucket=BUCKET, Key=key, Body=CONTENT)
        for target in ("archive", "partner"):
            s3.copy_object(Bucket=BUCKET, Key=f"{target}/{key}", CopySource={"Bucket": BUCKET, "Key": key})
