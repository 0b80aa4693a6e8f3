"""From a page of versions to the messages for those that nothing is known of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from file_transfer.intake.judgement import Judge
from file_transfer.intake.new_item import identity_of
from file_transfer.intake.source import Source
from file_transfer.intake.taking import IGNORED_ENDINGS
from file_transfer.records.identity import StatusKey, file_name, status_key
from file_transfer.settings import DELIVER, Settings
from file_transfer.sweep import unfinished
from file_transfer.sweep.place import Pass, Seen
from file_transfer.sweep.records import Records
from file_transfer.sweep.upload_log import UploadLog, Verdict, verdict
from file_transfer.sweep.versions import Version
from file_transfer.workflows.arrival import Arrival

TRIGGER = "Sweep"
Message = dict[str, Any]


@dataclass(frozen=True)
class Findings:
    """What a page came to: messages about arrivals and about transfers that stand still, and what the pass keeps."""

    announced: list[Message]
    revived: list[Message]
    seen: Seen


@dataclass(frozen=True)
class Arrivals:
    """Looks versions up and decides about those without a record."""

    settings: Settings
    judge: Judge
    records: Records
    log: UploadLog

    def of(self, versions: Iterable[Version], current: Pass, now: datetime) -> Findings:
        """Raises the taxonomy's errors and what botocore raises; nothing is sent or written here."""
        due = [each for each in versions if current.covers(each.modified) and not each.key.endswith(IGNORED_ENDINGS)]
        keyed = {self._key_of(version): version for version in due}
        items = self.records.items(keyed)
        missing = {key: version for key, version in keyed.items() if key not in items}
        elsewhere = self.records.settled_elsewhere(list(missing))
        lost = [version for key, version in missing.items() if key.sk.rsplit("#", 1)[-1] not in elsewhere]
        first_attempts = [item for item in items.values() if is_first_attempt(item)]
        grace = timedelta(seconds=self.settings.sweep_settle_seconds)
        return Findings(
            announced=self._announcements(lost, now),
            revived=[message for item in first_attempts for message in unfinished.messages_for(item, now, grace)],
            seen=Seen(
                oldest_open=min((item["SK"].split("#")[1] for item in first_attempts), default=""),
                oldest_found=min((version.modified for version in lost), default=""),
                found=len(lost),
            ),
        )

    def _key_of(self, version: Version) -> StatusKey:
        """The key under which an event about this version would be recorded."""
        arrival = self._arrival(version)
        source = Source(version.version_id, version.etag, version.modified, version.size)
        customer = self.judge.judge(arrival, source).customer_id
        return status_key(customer, file_name(version.key), version.modified, identity_of(arrival, source))

    def _arrival(self, version: Version) -> Arrival:
        return Arrival(
            bucket=self.settings.watched.bucket,
            key=version.key,
            triggered_by=TRIGGER,
            occurred_at=version.modified,
            version_id=version.version_id or None,
            etag=version.etag,
        )

    def _announcements(self, lost: list[Version], now: datetime) -> list[Message]:
        uploads = [version for version in lost if version.key.startswith(self.settings.sftp_prefix)]
        lines = self.log.lines(uploads, now)
        bucket = self.settings.watched.bucket
        verdicts = {version: verdict(bucket, version, lines, now) for version in uploads}
        return [self._announcement(version, verdicts.get(version)) for version in lost]

    def _announcement(self, version: Version, said: Verdict | None) -> Message:
        """`said`: what the server's log says of an SFTP upload; None for what S3 itself vouches for."""
        message = {
            "bucket": self.settings.watched.bucket,
            "key": version.key,
            "etag": version.etag,
            "sourceType": "S3" if said is None else "SFTP",
            "triggeredBy": TRIGGER,
        }
        if version.version_id:
            message["versionId"] = version.version_id
        trusted = said in (None, Verdict.WHOLE) or (
            said is Verdict.UNKNOWN and self.settings.unconfirmed_uploads == DELIVER
        )
        return message if trusted else {**message, "confirmed": False}


def is_first_attempt(item: Mapping[str, Any]) -> bool:
    """True for what is at work and in no index yet: only the listing finds it."""
    return item["status"] == "IN_PROGRESS" and "dateStatus" not in item
