"""Which files belong together: the names of groups and the keys of their records in FileTransferControl. Pure.

    GROUP#<workflowId>#<digest>  MEMBER#<transferId>   a file that waits, or has waited
    GROUP#<workflowId>#<digest>  MARKER                the done file that vouches for it, or where its manifest is
    GROUP#<workflowId>#<id>      MANIFEST              what a manifest lists, and what of it has not come yet

The digest is of bucket, folder and what the files of the group have in common: a name, a stem, or nothing.
"""

from __future__ import annotations

from typing import Any

from file_transfer.records.identity import file_name
from file_transfer.workflows import patterns
from file_transfer.workflows.rules import Section
from file_transfer.workflows.targets import split_name
from shared.canonical import sha256_hex

DONE_FILE, MANIFEST = "DONE_FILE", "MANIFEST"
DIGITS = 32

Transfer = dict[str, Any]


def awaited_group(rule: Section, transfer: Transfer) -> str:
    """Partition of the group that a file waits in."""
    name = file_name(transfer["key"])
    named = patterns.group_names(rule["pattern"])
    if rule["by"] == MANIFEST or "file" in named:
        return file_group(transfer, name)
    return _partition(transfer, f"stem:{split_name(name)[0]}" if "stem" in named else "folder")


def vouched_group(rule: Section, transfer: Transfer) -> str:
    """Partition of the group that a done file vouches for."""
    found = patterns.groups(rule["pattern"], file_name(transfer["key"])) or {}
    named = patterns.group_names(rule["pattern"])
    if "file" in named:
        return file_group(transfer, found.get("file", ""))
    return _partition(transfer, f"stem:{found.get('stem', '')}" if "stem" in named else "folder")


def file_group(transfer: Transfer, name: str) -> str:
    """Partition of the file of this name beside another."""
    return _partition(transfer, f"file:{name}")


def manifest_partition(transfer: Transfer) -> str:
    """Partition of the record of a manifest."""
    return f"GROUP#{transfer['workflowId']}#{transfer['id']}"


def _partition(transfer: Transfer, common: str) -> str:
    folder = transfer["key"].rpartition("/")[0]
    return f"GROUP#{transfer['workflowId']}#" + sha256_hex(f"{transfer['bucket']}\0{folder}\0{common}")[:DIGITS]
