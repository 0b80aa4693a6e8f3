"""Sending files through a design and watching them arrive: one after the other, or all at once."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from benchmarks import usage
from benchmarks.designs import CUSTOMERS, Design
from benchmarks.usage import Usage
from local_cloud.session import LocalCloud
from local_cloud.sftp_login import SftpLogin

CONTENT = b"date,amount,reference\n" + b"2025-06-28,100.00,INV-0001\n" * 40
FILE_SECONDS = 30.0
BURST_SECONDS = 120.0
QUIET_SECONDS = 0.4
_POLL_SECONDS = 0.04
_FIRST_DAY = date(2000, 1, 1)
_days = itertools.count()


class Disturbed(RuntimeError):
    """Files did not get through, or not at the first attempt, so that nothing could be said about them."""


@dataclass
class Run:
    """What was seen: latencies in ms (close of the file to status SUCCESS) if one by one, seconds of the whole."""

    design: str
    targets: int
    usage: Usage
    latencies_ms: list[float] = field(default_factory=list)
    seconds: float = 0.0


@dataclass
class Driver:
    """Sends files through one design of a running local cloud; a context manager that holds its SFTP session."""

    cloud: LocalCloud
    design: Design
    _session: SftpLogin | None = None

    def __enter__(self) -> Driver:
        self._session = self.design.login.__enter__()
        return self

    def __exit__(self, *details: Any) -> None:
        self.design.login.__exit__(*details)

    def one_by_one(self, files: int, targets: int, between: Callable[[], None] = lambda: None) -> Run:
        """Sends each file when the one before is completely through; `between` is called after each."""
        mark, since_ms = self.cloud.mark(), _now_ms()
        before = self.design.recorded(self.cloud, targets)
        closed = []
        for number in range(files):
            self.session.put(_path(targets), CONTENT)
            closed.append(time.time())
            self._wait(targets, before + number + 1, FILE_SECONDS)
            between()
        calls = self._calls_when_quiet(mark)
        successes = self._updates(calls)
        each = len(successes) // files
        if each * files != len(successes) or not each:
            found = f"{len(successes)} status updates for {files} files"
            raise Disturbed(f"{self.design.name}: {found}, so some were retried; is the machine busy?")
        successes = successes[each - 1 :: each]
        latencies = [(done - close) * 1000 for close, done in zip(closed, successes, strict=True)]
        return Run(
            self.design.name,
            targets,
            usage.of_run(self.cloud, self.design, calls, since_ms, files),
            latencies_ms=latencies,
            seconds=successes[-1] - closed[0],
        )

    def burst(self, files: int, targets: int) -> Run:
        """Sends all files over one session, twenty at a time; measured until the last has status SUCCESS."""
        mark, since_ms = self.cloud.mark(), _now_ms()
        begun = time.time()
        self.send(files, targets)
        calls = self._calls_when_quiet(mark)
        return Run(
            self.design.name,
            targets,
            usage.of_run(self.cloud, self.design, calls, since_ms, files),
            seconds=self._updates(calls)[-1] - begun,
        )

    def post(self, files: int, targets: int) -> None:
        """Sends files, twenty at a time, and waits for nothing but the server."""
        self.session.put_all({_path(targets): CONTENT for _ in range(files)})

    def send(self, files: int, targets: int) -> None:
        """Sends files, twenty at a time, and waits until all are completely through."""
        before = self.design.recorded(self.cloud, targets)
        self.post(files, targets)
        self._wait(targets, before + files, BURST_SECONDS, pause=0.25)

    @property
    def session(self) -> SftpLogin:
        """The open SFTP session."""
        if self._session is None:
            raise RuntimeError("use the driver in a `with` statement")
        return self._session

    def _wait(self, targets: int, expected: int, seconds: float, pause: float = _POLL_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while (count := self.design.recorded(self.cloud, targets)) < expected:
            if time.monotonic() > deadline:
                missing = expected - count
                raise Disturbed(f"{self.design.name}: {missing} files are not through after {seconds:.0f} s")
            time.sleep(pause)

    def _calls_when_quiet(self, mark: int) -> Sequence[Mapping[str, Any]]:
        """Calls since the mark, once the design has made none for a while."""
        deadline = time.monotonic() + FILE_SECONDS
        last = -1
        while time.monotonic() < deadline:
            calls = self.cloud.calls(mark)
            own = sum(self.design.owns(call["principal"]) for call in calls)
            if own == last:
                return calls
            last = own
            time.sleep(QUIET_SECONDS)
        raise Disturbed(f"{self.design.name} does not come to rest")

    def _updates(self, calls: Sequence[Mapping[str, Any]]) -> list[float]:
        """When items of the status table were updated, in order, in seconds of the epoch.

        An item is updated once in our design and twice in the brief's; the last update makes its status SUCCESS.
        """
        table = f"/{self.design.status_table}"
        return sorted(
            call["time"] + call["duration_ms"] / 1000
            for call in calls
            if call["operation"] == "UpdateItem"
            and call["resource"].endswith(table)
            and self.design.owns(call["principal"])
        )


def _path(targets: int) -> str:
    """A name that the customer's workflow accepts and that no file had before: each has a day of its own."""
    customer, day = CUSTOMERS[targets], _FIRST_DAY + timedelta(days=next(_days))
    return f"/{customer}/{customer}_transactions_{day}.csv"


def _now_ms() -> int:
    return int(time.time() * 1000)
