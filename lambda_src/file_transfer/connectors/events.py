"""What a connector says: its events in one form. Pure.

Fields are those of "SFTP connector events" in the Transfer Family User Guide. Our own look after an event that did not
come (`watching.py`) speaks the same language under a source of its own, so that there is one way to hear.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SOURCE, OWN_SOURCE = "aws.transfer", "towpath.connectors"
SEND, RETRIEVE, LISTING = "File Send", "File Retrieve", "Directory Listing"
MOVE, DELETE = "Remote Move", "Remote Delete"
PREFIX = "SFTP Connector "
ENDS = {"Completed": True, "Failed": False}
OUTBOX, INBOX, LISTINGS = "outbox/", "inbox/", "listings/"
INBOX_PARTS = 4


@dataclass(frozen=True)
class ConnectorEvent:
    """One event. `id` is that of the transfer, listing, move or deletion; `key` that of its object in our bucket."""

    kind: str
    completed: bool
    connector_id: str
    id: str = ""
    path: str = ""
    bucket: str = ""
    key: str = ""
    size: int | None = None
    failure_code: str = ""
    failure_message: str = ""
    truncated: bool = False

    @property
    def operation(self) -> str:
        """Of a send: its operation, out of the key of what was sent; "" if it was not sent from our outbox."""
        parts = self.key.split("/")
        return parts[1] if self.kind == SEND and self.key.startswith(OUTBOX) and len(parts) > 2 else ""  # noqa: PLR2004

    @property
    def pulled(self) -> tuple[str, str, str]:
        """Of a retrieval: (workflow id, batch, file name); empty texts if it did not go into our inbox."""
        parts = self.key.split("/", INBOX_PARTS - 1)
        known = self.kind == RETRIEVE and self.key.startswith(INBOX) and len(parts) == INBOX_PARTS
        return (parts[1], parts[2], parts[3]) if known else ("", "", "")

    @property
    def listed(self) -> str:
        """Of a listing: the id of its workflow."""
        parts = self.key.split("/")
        return parts[1] if self.kind == LISTING and self.key.startswith(LISTINGS) else ""


def read_event(message: Mapping[str, Any]) -> ConnectorEvent | None:
    """The event of a message, or None when it is nothing that a connector says."""
    kind, _, end = str(message.get("detail-type", "")).removeprefix(PREFIX).rpartition(" ")
    detail = message.get("detail")
    known = message.get("source") in (SOURCE, OWN_SOURCE) and kind in (SEND, RETRIEVE, LISTING, MOVE, DELETE)
    if not known or end not in ENDS or not isinstance(detail, Mapping):
        return None
    bucket, key = _object(kind, detail)
    return ConnectorEvent(
        kind=kind,
        completed=ENDS[end],
        connector_id=str(detail.get("connector-id", "")),
        id=str(_first(detail, "transfer-id", "listing-id", "move-id", "delete-id")),
        path=str(_first(detail, "file-path", "move-source-path", "delete-path", "remote-directory-path")),
        bucket=bucket,
        key=key,
        size=_whole(detail.get("bytes")),
        failure_code=str(detail.get("failure-code") or ""),
        failure_message=str(detail.get("failure-message") or ""),
        truncated=is_true(detail.get("truncated")),
    )


def own_event(kind: str, completed: bool, detail: Mapping[str, Any]) -> dict[str, Any]:
    """The event that did not come, as we found out by asking."""
    return {"source": OWN_SOURCE, "detail-type": f"{PREFIX}{kind} {'Completed' if completed else 'Failed'}"} | {
        "detail": dict(detail)
    }


def split_path(path: str) -> tuple[str, str]:
    """(bucket, key) of a path as connectors name objects: `/bucket/key`, with or without the first slash."""
    bucket, _, key = path.removeprefix("/").partition("/")
    return bucket, key


def is_true(value: Any) -> bool:
    """A flag that comes as a boolean in events and as text in listings."""
    return value is True or str(value).lower() == "true"


def _object(kind: str, detail: Mapping[str, Any]) -> tuple[str, str]:
    """The object in S3 that an event is about. A failed retrieval names only the folder it would have gone to."""
    if kind == SEND:
        return split_path(str(detail.get("file-path", "")))
    member = "output-file-location" if kind == LISTING else "local-file-location"
    location = detail.get(member)
    if isinstance(location, Mapping) and location.get("bucket") and location.get("key"):
        return str(location["bucket"]), str(location["key"])
    if kind == RETRIEVE and detail.get("local-directory-path"):
        name = str(detail.get("file-path", "")).rsplit("/", 1)[-1]
        return split_path(f"{str(detail['local-directory-path']).rstrip('/')}/{name}")
    if kind == LISTING and detail.get("output-directory-path"):
        return split_path(f"{str(detail['output-directory-path']).rstrip('/')}/")
    return "", ""


def _first(detail: Mapping[str, Any], *names: str) -> Any:
    return next((detail[name] for name in names if detail.get(name)), "")


def _whole(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
