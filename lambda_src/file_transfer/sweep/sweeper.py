"""One run of the sweep: what stands still, then as much of the listing as the time allows.

A run may die anywhere and two may meet: messages are duplicates then, which the intake drops, and the place in the
listing belongs to whoever writes it first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Protocol

from aws_lambda_powertools.metrics import MetricUnit

from file_transfer.observe import logger, new_metrics
from file_transfer.records.claim import IN_PROGRESS, RETRYING
from file_transfer.records.identity import arrival_of
from file_transfer.settings import Settings
from file_transfer.sweep import unfinished
from file_transfer.sweep.arrivals import Findings
from file_transfer.sweep.pipe import Pipe
from file_transfer.sweep.place import Pass, Place, advanced, next_pass
from file_transfer.sweep.records import Records
from file_transfer.sweep.versions import Marker, Page, Version
from shared.clock import Clock, parse
from shared.sqs import Queue

#: A delivery by a partner's server or a group of files may take days.
UNFINISHED_DAYS = 7
#: Statuses in which a transfer gets late. What is held waits for somebody else's files, and ends by its group's rules.
LATE = (IN_PROGRESS, RETRYING)
#: What a page may take at the longest; with less left the rest is for the next run.
PAGE_SECONDS = 60
#: Listing requests of a run: what a sweep costs does not grow with the bucket, only the time of its pass.
MOST_PAGES = 200


class Listing(Protocol):
    """Versions of the landing bucket, as file_transfer.sweep.versions.Listing has them."""

    def page(self, at: Marker) -> Page: ...


class Arrivals(Protocol):
    """Looks versions up, as file_transfer.sweep.arrivals.Arrivals does."""

    def of(self, versions: Iterable[Version], current: Pass, now: datetime) -> Findings: ...


class Places(Protocol):
    """Keeps the place, as file_transfer.sweep.place.Places does."""

    def read(self) -> Place: ...
    def save(self, place: Place) -> Place | None: ...


@dataclass
class Report:
    """What a run did. `behind`: the pass goes on in the next run. `oldest`: when the first open transfer arrived."""

    arrivals_found: int = 0
    uploads_unconfirmed: int = 0
    revived: int = 0
    overdue: int = 0
    behind: bool = False
    oldest: str = ""

    def opened(self, *arrivals: str) -> None:
        """Notes when open transfers arrived."""
        self.oldest = min(filter(None, (self.oldest, *arrivals)), default="")


@dataclass(frozen=True)
class Sweeper:
    """All that a run needs; each part can be a fake. `seconds_left` is what remains of the invocation."""

    settings: Settings
    places: Places
    listing: Listing
    arrivals: Arrivals
    records: Records
    queue: Queue
    pipe: Pipe
    clock: Clock

    def sweep(self, seconds_left: Callable[[], float]) -> Report:
        """Raises the taxonomy's errors and what botocore raises; the next run goes on where this one stopped."""
        report = Report()
        runs = self.pipe.runs()
        try:
            self._go_on(report, runs)
            if runs:
                # While nothing is taken in, every arrival would look lost, and each run would send for it again.
                self._look_for_arrivals(report, seconds_left)
        finally:
            self._count(report, runs)
        return report

    def _go_on(self, report: Report, runs: bool) -> None:
        now = self.clock()
        grace = timedelta(seconds=self.settings.sweep_settle_seconds)
        for items in self.records.unfinished(now, UNFINISHED_DAYS):
            report.opened(*(arrival_of(item["SK"]) for item in items if item["status"] in LATE))
            if runs:
                still = (unfinished.messages_for(item, now, grace) for item in items)
                self._revive(list(chain.from_iterable(still)), report)

    def _look_for_arrivals(self, report: Report, seconds_left: Callable[[], float]) -> None:
        settings = self.settings
        place: Place | None = next_pass(
            self.places.read(), self.clock(), settings.sweep_settle_seconds, settings.sweep_lookback_hours
        )
        pages = 0
        while place and place.under_way:
            if seconds_left() < PAGE_SECONDS or pages == MOST_PAGES:
                report.behind = True
                return
            pages += 1
            page = self.listing.page(place.under_way.marker)
            findings = self.arrivals.of(page.versions, place.under_way, self.clock())
            self._announce(findings, report)
            place = self.places.save(advanced(place, page.behind, findings.seen))
        if place is None:
            logger.info("another run goes on with the listing")

    def _announce(self, findings: Findings, report: Report) -> None:
        self.queue.send(findings.announced)
        for message in findings.announced:
            logger.info("arrival without a record", key=message["key"], confirmed=message.get("confirmed", True))
        report.arrivals_found += len(findings.announced)
        report.uploads_unconfirmed += sum("confirmed" in each for each in findings.announced)
        report.opened(findings.seen.oldest_open, findings.seen.oldest_found)
        self._revive(findings.revived, report)

    def _revive(self, messages: list[dict[str, Any]], report: Report) -> None:
        self.queue.send(messages)
        for message in messages:
            logger.info("transfer stands still", kind=message["kind"], pk=message["pk"], sk=message["sk"])
        overdue = sum(is_outcome(each) for each in messages)
        report.overdue += overdue
        report.revived += len(messages) - overdue

    def _count(self, report: Report, runs: bool) -> None:
        metrics = new_metrics()
        for name, value in (
            ("ArrivalsFound", report.arrivals_found),
            ("UploadsUnconfirmed", report.uploads_unconfirmed),
            ("TransfersRevived", report.revived),
            ("DeliveriesOverdue", report.overdue),
            ("SweepBehind", int(report.behind)),
            ("PipeRunning", int(runs)),
        ):
            metrics.add_metric(name, MetricUnit.Count, value)
        metrics.add_metric("OldestUnfinishedSeconds", MetricUnit.Seconds, self._age(report.oldest))
        metrics.flush_metrics()

    def _age(self, arrived: str) -> float:
        return max((self.clock() - parse(arrived)).total_seconds(), 0.0) if arrived else 0.0


def is_outcome(message: Mapping[str, Any]) -> bool:
    """True for the end of a delivery, false for a retry."""
    return bool(message["kind"] == "towpath.outcome")
