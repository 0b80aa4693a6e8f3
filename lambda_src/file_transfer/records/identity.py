"""Who is who: the transfer's id and the keys of its records in the six tables."""

from __future__ import annotations

from typing import NamedTuple

from shared.canonical import sha256_hex

ID_DIGITS = 16
KEY_PART_BYTES = 900
KEPT_BYTES = 860
SHARDS = 4


class StatusKey(NamedTuple):
    """Key of an item of FileTransferStatus."""

    pk: str
    sk: str


def transfer_id(bucket: str, key: str, version: str) -> str:
    """16 hex digits that stand for one version of one object.

    `version` is the version id; where the bucket has none, `unversioned(etag)`.
    """
    return sha256_hex(f"{bucket}\0{key}\0{version}")[:ID_DIGITS]


def unversioned(etag: str) -> str:
    """Stands for the version id of an object in a bucket without versioning."""
    return f"etag:{etag}"


def key_part(name: str) -> str:
    """A name as part of a table key: without `#`, reversible while short, at most 900 bytes.

    DynamoDB allows a sort key 1,024 bytes; an object's name alone may have as many.
    """
    encoded = name.replace("%", "%25").replace("#", "%23")
    raw = encoded.encode()
    if len(raw) <= KEY_PART_BYTES:
        return encoded
    return f"{raw[:KEPT_BYTES].decode(errors='ignore')}~{sha256_hex(name)[:ID_DIGITS]}"


def file_name(key: str) -> str:
    """The last segment of an object key."""
    return key.rsplit("/", 1)[-1]


def status_key(customer_id: str, name: str, arrival: str, identity: str) -> StatusKey:
    """`arrival` is the fixed-width time of the version, so that sort order is order of arrival."""
    return StatusKey(file_partition(customer_id, name), f"TS#{arrival}#{identity}")


def file_partition(customer_id: str, name: str) -> str:
    """Partition of a file's status items and audit records."""
    return f"FILE#{key_part(customer_id)}#{key_part(name)}"


def id_of(sort_key: str) -> str:
    """The transfer's id out of the sort key of its status item."""
    return sort_key.rsplit("#", 1)[-1]


def arrival_of(sort_key: str) -> str:
    """The arrival time out of the sort key of a status item."""
    return sort_key.split("#")[1]


def audit_sort_key(status_sort_key: str, revision: int) -> str:
    """One record a revision; six digits keep text order and number order the same."""
    return f"{status_sort_key}#{revision:06d}"


def index_key(customer_id: str, name: str, arrival: str, identity: str) -> tuple[str, str]:
    """Key of CustomerFileIndex. The date is that of arrival: a retry past midnight keeps its row."""
    return f"CUSTOMER#{key_part(customer_id)}", f"DATE#{arrival[:10]}#{key_part(name)}#{identity}"


def failure_partition(customer_id: str, name: str) -> str:
    """Partition of a file's failure records; their sort key is that of the status item."""
    return f"FAILURE#{key_part(customer_id)}#{key_part(name)}"


def notification_key(customer_id: str, name: str, settled: str, identity: str, channel: str) -> tuple[str, str]:
    """Key of a notification. With the id, since two versions of a name may settle in one millisecond."""
    return f"NOTIFY#{key_part(customer_id)}#{key_part(name)}", f"TS#{settled}#{identity}#{channel}"


def shard(identity: str) -> int:
    """Spreads the busy partitions of the status indexes over four."""
    return int(identity[0], 16) % SHARDS
