"""Keys of records as one part of a path: opaque, reversible, and telling whose the record is.

A transfer, its failure record and its notifications are found under keys that hold the customer and the file's name, so
that no index is needed to find one again. `#` cannot be in their parts (file_transfer.records.identity.key_part).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, NamedTuple

from shared.api.problems import ApiProblem, not_found

TRANSFER, FAILURE, NOTIFICATION, EXPECTATION = "FILE#", "FAILURE#", "NOTIFY#", "EXPECTATION#"
TIME, WINDOW = "TS#", "WINDOW#"
PARTITION_PARTS = 2


class RecordKey(NamedTuple):
    """Partition and sort key of a record."""

    pk: str
    sk: str

    @property
    def owner(self) -> str:
        """The first part of the partition: the customer (of a window, the workflow)."""
        return owner_of(self.pk)


def write_key(item: Mapping[str, Any]) -> str:
    """The text for an item's PK and SK."""
    partition = str(item["PK"]).partition("#")[2]
    sort = str(item["SK"]).partition("#")[2]
    return base64.urlsafe_b64encode(f"{partition}#{sort}".encode()).rstrip(b"=").decode()


def read_key(text: str, kind: str) -> RecordKey:
    """The key in a text, of one kind of record. Raises ApiProblem 404 for what is none."""
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode()
    except (binascii.Error, ValueError) as error:
        raise no_record(kind) from error
    parts = raw.split("#", PARTITION_PARTS)
    if len(parts) <= PARTITION_PARTS or not all(parts):
        raise no_record(kind)
    sort = WINDOW if kind == EXPECTATION else TIME
    return RecordKey(f"{kind}{parts[0]}#{parts[1]}", f"{sort}{parts[2]}")


def no_record(kind: str) -> ApiProblem:
    """404, whether there is none or it is somebody else's."""
    names = {TRANSFER: "transfer", FAILURE: "failure record", NOTIFICATION: "notification", EXPECTATION: "window"}
    return not_found(f"this {names[kind]}")


def owner_of(pk: str) -> str:
    """The customer in a partition key, where key_part has encoded it; ids of customers are short enough to be whole."""
    return pk.split("#")[1].replace("%23", "#").replace("%25", "%")
