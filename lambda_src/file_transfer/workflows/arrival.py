"""An object that has arrived, as every kind of message that tells of one says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Arrival:
    """An object that has arrived. Times are fixed-width UTC; what the message did not say is None.

    `parent_id`: the archive it was a member of. `confirmed` is false where nobody vouches that the upload is whole.
    """

    bucket: str
    key: str
    triggered_by: str
    occurred_at: str
    version_id: str | None = None
    etag: str | None = None
    sequencer: str | None = None
    source_type: str | None = None
    workflow_id: str | None = None
    customer_id: str | None = None
    targets: Mapping[str, str] = field(default_factory=dict)
    failure_code: str | None = None
    session_id: str | None = None
    user: str | None = None
    finished_at: str | None = None
    size: int | None = None
    parent_id: str | None = None
    confirmed: bool = True

    @property
    def is_member(self) -> bool:
        """True for a member of an archive, at the place where only the archive's own transfer puts it."""
        return bool(self.parent_id) and self.key.startswith(f"unpacked/{self.parent_id}/")


def bare_etag(etag: str | None) -> str | None:
    """S3's answers put entity tags in quotes, its events do not; here they have none."""
    return etag.strip('"') if etag else None
