"""From a batch of the audit table's stream to one object of the locked bucket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from file_transfer.archive.places import records_key
from shared.canonical import canonical_json
from shared.dynamodb import from_item
from shared.s3_once import put_once


@dataclass(frozen=True)
class Exporter:
    """`s3` may put objects and nothing else; the bucket's own rule locks them."""

    s3: Any
    bucket: str

    def export(self, records: Sequence[Mapping[str, Any]], now: datetime) -> str:
        """Writes the new records of a batch, one canonical JSON a line; returns the key, "" if there were none.

        A batch that comes again in the same hour is found written; in another hour it is written again, and a
        verifier counts equal records once. Raises what botocore raises.
        """
        changes = [record["dynamodb"] for record in records if record.get("eventName") == "INSERT"]
        if not changes:
            return ""
        key = records_key(now, changes[0]["SequenceNumber"], changes[-1]["SequenceNumber"])
        lines = [canonical_json(from_item(change["NewImage"])) for change in changes]
        body = ("\n".join(lines) + "\n").encode()
        kind = "application/x-ndjson"
        put_once(self.s3, Bucket=self.bucket, Key=key, Body=body, ContentType=kind, ChecksumAlgorithm="SHA256")
        return key
