"""Is an exported audit trail whole? Pure: reads files of a folder, asks nobody.

Three chains are followed. Manifests: each hour has one, which names the digest of the one before. Objects: each is
named by its hour's manifest with the hash of its bytes, and no object is there that none names. Records: each
transfer's records are numbered from 1 and each carries the hash of the one before. An edit breaks a hash, a gap a
number or a chain, a reorder both.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from file_transfer.archive.manifest import BEGINNING, digest_of, read_manifest
from file_transfer.archive.places import MANIFESTS, RECORDS, beginning, next_hour
from file_transfer.records.audit import broken_links, record_hash

TEXTS = frozenset({"PK", "SK", "hash", "previousHash", "timestamp"})


@dataclass(frozen=True)
class Finding:
    """Something is wrong: EDITED, MISSING, UNKNOWN, REORDERED or UNREADABLE; where, and what a person has to know."""

    kind: str
    where: str
    message: str


@dataclass
class Report:
    """What was looked at, and what was found. `head` is the digest of the last manifest, `unsealed` the hours after."""

    hours: int = 0
    objects: int = 0
    records: int = 0
    transfers: int = 0
    first_hour: str = ""
    last_hour: str = ""
    head: str = ""
    unsealed: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def found(self, kind: str, where: str, message: str) -> None:
        """Notes a finding."""
        self.findings.append(Finding(kind, where, message))


def verify(folder: Path, head: str = "") -> Report:
    """Everything below a copy of the bucket. `head`: a digest known from elsewhere that must be in the chain.

    Raises FileNotFoundError when the folder is no copy of an audit bucket.
    """
    if not (folder / MANIFESTS).is_dir() and not (folder / RECORDS).is_dir():
        raise FileNotFoundError(f"{folder} has neither {MANIFESTS} nor {RECORDS}: copy the bucket's contents there")
    report = Report()
    sealed = _follow_manifests(folder, report, head)
    _check_objects(folder, sealed, report)
    _check_records(folder, report)
    return report


def _follow_manifests(folder: Path, report: Report, head: str) -> dict[str, str]:
    """Key → SHA-256 of every object that a manifest names."""
    sealed: dict[str, str] = {}
    previous, expected, digests = BEGINNING, "", set()
    for path in sorted((folder / MANIFESTS).glob("*.json")):
        name, text = MANIFESTS + path.name, path.read_bytes().decode(errors="replace")
        try:
            manifest = read_manifest(text)
            beginning(path.stem)
        except ValueError as error:
            report.found("UNREADABLE", name, f"is no manifest: {error}")
            previous, expected = digest_of(text), ""
            continue
        while expected and expected < path.stem:
            report.found("MISSING", f"{MANIFESTS}{expected}.json", "no manifest seals this hour")
            expected = next_hour(expected)
        if manifest.get("hour") != path.stem:
            report.found("REORDERED", name, f"is the manifest of {manifest.get('hour')}")
        if manifest["previousDigest"] != previous:
            report.found("EDITED", name, "is not chained to the manifest before it: one of the two was changed")
        sealed |= {str(entry["key"]): str(entry["sha256"]) for entry in manifest["objects"]}
        previous, expected = digest_of(text), next_hour(path.stem)
        digests.add(previous)
        report.first_hour, report.last_hour = report.first_hour or path.stem, path.stem
        report.hours += 1
    report.head = previous
    if head and head not in digests:
        report.found("MISSING", MANIFESTS, f"no manifest has the digest {head}: the chain was cut or written anew")
    return sealed


def _check_objects(folder: Path, sealed: Mapping[str, str], report: Report) -> None:
    there = {path.relative_to(folder).as_posix(): path for path in sorted((folder / RECORDS).rglob("*.jsonl"))}
    for key, digest in sorted(sealed.items()):
        if key not in there:
            report.found("MISSING", key, "is named by a manifest and not there")
        elif hashlib.sha256(there[key].read_bytes()).hexdigest() != digest:
            report.found("EDITED", key, "its bytes are not those that were sealed")
    unsealed = set()
    for key in sorted(there.keys() - sealed.keys()):
        hour = key.removeprefix(RECORDS).partition("/")[0]
        if hour > report.last_hour:
            unsealed.add(hour)
        else:
            report.found("UNKNOWN", key, "no manifest names it, though its hour is sealed")
    report.objects, report.unsealed = len(there), sorted(unsealed)


def _check_records(folder: Path, report: Report) -> None:
    trails: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for key, number, record in _records(folder, report):
        where = f"{key}:{number}"
        if record_hash(record) != record["hash"]:
            report.found("EDITED", where, f"the record {record['SK']} is not what its hash says")
        trail = trails[record["PK"], str(record["SK"]).rpartition("#")[0]]
        known = trail.setdefault(str(record["SK"]), record)
        if known["hash"] != record["hash"]:
            report.found("EDITED", where, f"two different records are called {record['SK']}")
    for (_, transfer), trail in sorted(trails.items()):
        ordered = [trail[sort_key] for sort_key in sorted(trail)]
        for problem in broken_links(ordered):
            report.found("MISSING" if problem.endswith("is missing") else "EDITED", transfer, problem)
    report.records = sum(len(trail) for trail in trails.values())
    report.transfers = len(trails)


def _records(folder: Path, report: Report) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Key, line and content of each record; within an object, a transfer's records stand in their order."""
    for path in sorted((folder / RECORDS).rglob("*.jsonl")):
        key, latest = path.relative_to(folder).as_posix(), dict[str, str]()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1):
            try:
                record = json.loads(line)
                missing = sorted(name for name in TEXTS if not isinstance(record.get(name), str))
            except (ValueError, AttributeError):
                report.found("UNREADABLE", f"{key}:{number}", "is no record")
                continue
            if missing:
                report.found("UNREADABLE", f"{key}:{number}", f"lacks {', '.join(missing)}")
                continue
            transfer, sort_key = str(record["SK"]).rpartition("#")[0], str(record["SK"])
            if sort_key < latest.get(transfer, ""):
                report.found("REORDERED", f"{key}:{number}", f"{sort_key} stands after {latest[transfer]}")
            latest[transfer] = sort_key
            yield key, number, record
