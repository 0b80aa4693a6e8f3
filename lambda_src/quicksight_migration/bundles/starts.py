"""That a bundle job is about to be started, noted before the call: whoever comes after a death can tell.

QuickSight may not show a job at once. A Start that was sent a moment ago is waited for; only when it has not arrived
within the grace is it sent again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from quicksight_migration.bundles.storage import Bucket
from shared.clock import Clock, parse, stamp
from shared.errors import NotFound

#: Longer than a call can be under way (READ_TIMEOUT_SECONDS) and than a job can be invisible.
GRACE = timedelta(seconds=60)


@dataclass(frozen=True)
class Starts:
    """Notes of one job in the bundle bucket, one a bundle job. Raises the taxonomy's errors: then nothing is sent."""

    bucket: Bucket
    job_id: str
    clock: Clock

    def may_arrive(self, bundle_job_id: str) -> bool:
        """True while a Start that was sent may still lead to a job."""
        try:
            sent_at = self.bucket.get_json(self._key(bundle_job_id)).get("sentAt")
        except NotFound:
            return False
        return sent_at is not None and self.clock() < parse(sent_at) + GRACE

    def sending(self, bundle_job_id: str) -> None:
        """Before the call."""
        self.bucket.put_json(self._key(bundle_job_id), {"sentAt": stamp(self.clock())})

    def refused(self, bundle_job_id: str) -> None:
        """After an answer that says that nothing was started."""
        self.bucket.put_json(self._key(bundle_job_id), {"refusedAt": stamp(self.clock())})

    def _key(self, bundle_job_id: str) -> str:
        return f"jobs/{self.job_id}/starts/{bundle_job_id}.json"
