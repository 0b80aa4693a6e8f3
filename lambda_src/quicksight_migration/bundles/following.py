"""Bundle jobs followed across invocations: how far a step is, when to look again, when to give up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from quicksight_migration.bundles.bundle_jobs import STARTED, UNKNOWN, BundleJob, BundleJobs, Pending
from quicksight_migration.worker import Answer, failed, wait
from shared.clock import Clock, parse, stamp
from shared.errors import TowpathError
from shared.observe import logger

#: Pauses between two looks grow by half, up to a minute.
GROWTH, MOST_SECONDS = 1.5, 60
#: After a call whose fate is unknown.
UNKNOWN_SECONDS = 15
#: Looks that fail one after another before a job that was never seen is given up.
MOST_ERRORS = 10
TIMED_OUT = "STEP_TIMED_OUT"


@dataclass(frozen=True)
class Progress:
    """Where a step is between two invocations. `chunk` counts from 1, `since` is when the chunk was first looked at.

    `seen`: QuickSight has taken or shown the chunk's job. `note` is what a phase has to remember.
    """

    phase: str = ""
    chunk: int = 1
    polls: int = 0
    errors: int = 0
    since: str = ""
    seen: bool = False
    note: Mapping[str, Any] | None = None

    def at(self, chunk: int, phase: str | None = None, note: Mapping[str, Any] | None = None) -> Progress:
        """Another chunk, or another phase, from its beginning."""
        return Progress(self.phase if phase is None else phase, chunk, note=self.note if note is None else note)

    def document(self) -> dict[str, Any]:
        """As the machine carries it."""
        return {name: value for name, value in asdict(self).items() if value not in ("", None, 0, False)}


def progress_of(document: Mapping[str, Any]) -> Progress:
    """What `document` made. Members that are missing are at their beginning."""
    known = {name: document[name] for name in Progress.__dataclass_fields__ if name in document}
    return Progress(**known)


@dataclass(frozen=True)
class Pauses:
    """How long to wait between two looks. `poll_seconds` is the first pause, `limit_seconds` the most for one job."""

    clock: Clock
    poll_seconds: int
    limit_seconds: int

    def later(self, progress: Progress, bundle_job_id: str, why: str) -> Answer:
        """WAIT with a longer pause than last time, or FAILED when the time is up."""
        since = progress.since or stamp(self.clock())
        if self.clock() >= parse(since) + timedelta(seconds=self.limit_seconds):
            return failed(TIMED_OUT, f"{bundle_job_id} was not over after {self.limit_seconds} s: {why}")
        logger.info("bundle job", bundleJobId=bundle_job_id, status=why)
        pause = min(MOST_SECONDS, self.poll_seconds * GROWTH**progress.polls)
        least = UNKNOWN_SECONDS if not progress.seen else 1
        polls = min(progress.polls + 1, MOST_SECONDS)
        return wait(max(least, round(pause)), replace(progress, since=since, polls=polls).document())


@dataclass(frozen=True)
class Following:
    """Follows one bundle job at a time."""

    jobs: BundleJobs
    pauses: Pauses

    def follow(
        self, progress: Progress, bundle_job_id: str, request: Callable[[], Mapping[str, Any]]
    ) -> BundleJob | Answer:
        """The job when it is over, else what the worker answers: WAIT, or FAILED with STEP_TIMED_OUT.

        What QuickSight does not tell is unknown and is asked again later. Raises what refuses a Start for good, and a
        passing error of a job that nobody has seen when it does not pass.
        """
        progress = replace(progress, since=progress.since or stamp(self.pauses.clock()))
        try:
            found = self._looked(progress, bundle_job_id, request)
        except TowpathError as error:
            return self._unknown(progress, bundle_job_id, error)
        if isinstance(found, BundleJob) and found.is_over:
            return found
        if isinstance(found, BundleJob):
            return self.pauses.later(replace(progress, seen=True, errors=0), bundle_job_id, found.status)
        seen = progress.seen or found.reason == STARTED
        return self.pauses.later(replace(progress, seen=seen, errors=0), bundle_job_id, found.reason)

    def _looked(
        self, progress: Progress, bundle_job_id: str, request: Callable[[], Mapping[str, Any]]
    ) -> BundleJob | Pending:
        """A job that was seen once is never started again, also when QuickSight does not show it for a while."""
        if progress.seen:
            return self.jobs.look(bundle_job_id) or Pending(UNKNOWN)
        return self.jobs.start_or_follow(bundle_job_id, request)

    def _unknown(self, progress: Progress, bundle_job_id: str, error: TowpathError) -> Answer:
        """A job that runs goes on whether we may look or not; one that was never seen is not waited for long."""
        if not progress.seen and (not error.retriable or progress.errors >= MOST_ERRORS):
            raise error
        return self.pauses.later(replace(progress, errors=progress.errors + 1), bundle_job_id, error.code)


def overdue(answer: Answer) -> bool:
    """True for the answer that gives a job up which may still run."""
    return bool(answer.get("error", {}).get("code") == TIMED_OUT)
