"""Seals hours: lists what was exported, reads it once, and writes the manifest after the one before."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from file_transfer.archive.manifest import BEGINNING, SealedObject, digest_of, manifest_text
from file_transfer.archive.places import (
    MANIFESTS,
    RECORDS,
    beginning,
    hour_of,
    hour_of_manifest,
    manifest_key,
    next_hour,
)
from shared.s3_once import put_once

CHUNK = 1 << 20


@dataclass(frozen=True)
class Seal:
    """What was sealed: the hour, the digest of its manifest, how many objects it has."""

    hour: str
    digest: str
    objects: int


@dataclass(frozen=True)
class Sealer:
    """One hour after the other, from the first with records to the last that is over for `after`."""

    s3: Any
    bucket: str
    after: timedelta

    def seal(self, now: datetime) -> Iterator[Seal]:
        """Seals every hour that is due. A run that dies goes on with the next; two at a time write the same."""
        hour, previous = self._next()
        last = hour_of(now - self.after - timedelta(hours=1))
        while hour and hour <= last:
            seal = self._seal(hour, previous)
            yield seal
            hour, previous = next_hour(hour), seal.digest

    def _next(self) -> tuple[str, str]:
        """The hour to seal and the digest before it; no hour while nothing was ever exported."""
        sealed = [hour_of_manifest(key) for key, _ in self._list(MANIFESTS)]
        if sealed:
            return next_hour(sealed[-1]), digest_of(self._text(manifest_key(sealed[-1])))
        for key, _ in self._list(RECORDS):
            return key.removeprefix(RECORDS).partition("/")[0], BEGINNING
        return "", BEGINNING

    def _seal(self, hour: str, previous: str) -> Seal:
        beginning(hour)
        objects = [SealedObject(key, self._sha256(key), size) for key, size in self._list(f"{RECORDS}{hour}/")]
        text = manifest_text(hour, previous, objects)
        written = put_once(
            self.s3,
            Bucket=self.bucket,
            Key=manifest_key(hour),
            Body=text.encode(),
            ContentType="application/json",
            ChecksumAlgorithm="SHA256",
        )
        if not written:
            # Another run was here first, or the answer of ours was lost: what is there counts.
            text = self._text(manifest_key(hour))
        return Seal(hour, digest_of(text), len(objects))

    def _list(self, prefix: str) -> Iterator[tuple[str, int]]:
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix):
            yield from ((entry["Key"], entry["Size"]) for entry in page.get("Contents", []))

    def _text(self, key: str) -> str:
        text: str = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read().decode()
        return text

    def _sha256(self, key: str) -> str:
        digest = hashlib.sha256()
        for chunk in self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].iter_chunks(CHUNK):
            digest.update(chunk)
        return digest.hexdigest()
