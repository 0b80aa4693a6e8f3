"""The seal of an hour: what was exported in it, by content, and the seal of the hour before.

Each hour has a manifest, also one without records: so that an hour cannot be taken out unnoticed. A manifest names
the SHA-256 of each object and that of the manifest before it. Whoever knows the digest of one manifest (it is a
log line and a metric of seal-audit, outside of the bucket) can prove all that lies before it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.canonical import canonical_json, sha256_hex

VERSION = 1
#: Stands for the manifest before the first one.
BEGINNING = ""


@dataclass(frozen=True)
class SealedObject:
    """One object of an hour: key, SHA-256 of its bytes in hex, and how many bytes."""

    key: str
    sha256: str
    size: int

    def as_entry(self) -> dict[str, Any]:
        """As it stands in a manifest."""
        return {"key": self.key, "sha256": self.sha256, "bytes": self.size}


def manifest_text(hour: str, previous_digest: str, objects: Iterable[SealedObject]) -> str:
    """The manifest of an hour; the same objects always give the same text."""
    entries = [each.as_entry() for each in sorted(objects, key=lambda each: each.key)]
    return canonical_json({"version": VERSION, "hour": hour, "previousDigest": previous_digest, "objects": entries})


def digest_of(text: str) -> str:
    """SHA-256 of a manifest's text, hex: what the next one names."""
    return sha256_hex(text)


def read_manifest(text: str) -> Mapping[str, Any]:
    """The manifest as a mapping. Raises ValueError when it is none."""
    found = json.loads(text)
    whole = isinstance(found, dict) and found.get("version") == VERSION and isinstance(found.get("objects"), list)
    if not whole or not isinstance(found.get("previousDigest"), str) or not all(map(_is_entry, found["objects"])):
        raise ValueError("is no manifest of this form")
    return dict(found)


def _is_entry(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), str) for name in ("key", "sha256"))
