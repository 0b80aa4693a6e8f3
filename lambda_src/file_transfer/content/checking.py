"""The rules on bytes, one after the other: the first that is broken rejects the file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from file_transfer.content.csv_rules import check_csv
from file_transfer.content.json_rules import check_json
from file_transfer.content.sniffing import types_of
from file_transfer.errors import Rejection
from file_transfer.workflows.rules import Section


def check_content(path: Path, rules: Section, marker: bytes) -> None:
    """Raises a Rejection that names the rule. `marker`: what the done file holds, where totals are in there."""
    if "type" in rules:
        found, allowed = types_of(path), rules["type"]["allowed"]
        if not found.intersection(allowed):
            said = ", ".join(sorted(found)) or "nothing known"
            raise Rejection("TYPE_NOT_ALLOWED", f"rules.type: the bytes are {said}, not {', '.join(allowed)}")
    if "csv" in rules:
        check_csv(path, rules["csv"], rules.get("controlTotals"), marker)
    if "json" in rules:
        check_json(path, rules["json"])


def check_listed_size(listed: Mapping[str, Any], transfer: Mapping[str, Any]) -> None:
    """Raises Rejection MANIFEST_DIFFERS."""
    size = listed.get("sizeBytes", transfer["sizeBytes"])
    if size != transfer["sizeBytes"]:
        raise Rejection("MANIFEST_DIFFERS", f"rules.group: {transfer['sizeBytes']} bytes, the manifest says {size}")


def check_listed_digest(listed: Mapping[str, Any], sha256: str) -> None:
    """Raises Rejection MANIFEST_DIFFERS."""
    if listed.get("sha256", sha256) != sha256:
        raise Rejection("MANIFEST_DIFFERS", f"rules.group: SHA-256 {sha256}, the manifest says {listed['sha256']}")
