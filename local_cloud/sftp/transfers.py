"""One file on its way up or down, and the Transfer Family event that reports how it went.

Fields of the events: Transfer Family user guide, "SFTP, FTPS, and FTP server events".
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, Any, Literal

from local_cloud.events import put_event
from local_cloud.sftp.journal import Journal
from local_cloud.sftp.paths import Location

# Files up to this size stay in memory until they are complete.
_IN_MEMORY_BYTES = 8 << 20


def now() -> str:
    """UTC with microseconds, as Transfer Family writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True)
class Session:
    """Who is connected to which server from where. `journal` is what the server's log says of it."""

    user: Mapping[str, Any]
    server: Mapping[str, Any]
    session_id: str
    client_ip: str
    journal: Journal


@dataclass(eq=False)
class Transfer:
    """An open file. `interrupted` is set when the session ends before the client has closed the file."""

    place: Location
    direction: Literal["Upload", "Download"]
    content: IO[bytes] = field(default_factory=lambda: tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES))
    started: str = field(default_factory=now)
    interrupted: bool = False

    @property
    def size(self) -> int:
        """Bytes received or offered so far."""
        position = self.content.tell()
        end = self.content.seek(0, 2)
        self.content.seek(position)
        return end


def report(session: Session, transfer: Transfer, size: int, etag: str = "", failure: str = "") -> None:
    """Sends `SFTP Server File (Upload|Download) (Completed|Failed)`; `failure` is the code of a failed one."""
    detail: dict[str, Any] = {
        "protocol": "SFTP",
        "status-code": "FAILED" if failure else "COMPLETED",
        "failure-code": failure,
        "bytes": size,
        "file-path": f"/{transfer.place.bucket}/{transfer.place.key}",
        "etag": etag,
        "client-ip": session.client_ip,
        "username": session.user["UserName"],
        "server-id": session.server["ServerId"],
        "session-id": session.session_id,
        "start-timestamp": transfer.started,
        "end-timestamp": now(),
    }
    if not failure:
        del detail["failure-code"]
    outcome = "Failed" if failure else "Completed"
    put_event("aws.transfer", f"SFTP Server File {transfer.direction} {outcome}", detail, [session.server["Arn"]])
