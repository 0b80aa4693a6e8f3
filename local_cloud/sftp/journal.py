"""What a server writes into the log groups of its StructuredLogDestinations.

Lines and their fields: Transfer Family user guide, "CloudWatch log structure for Transfer Family" and "Example
CloudWatch log entries". The names of the streams of sessions are not documented.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud import service_logs
from local_cloud.sftp.paths import Location, home_of
from local_cloud.transfer_api import server_setting

_REFUSALS = "ERRORS"


@dataclass(frozen=True)
class Journal:
    """The lines of one session."""

    server: Mapping[str, Any]
    user: str
    session_id: str

    def write(self, activity: str, place: Location | None = None, **more: Any) -> None:
        """A line about an activity, and the file that it is about; underscores of names become hyphens."""
        path = {} if place is None else {"path": f"/{place.bucket}/{place.key}"}
        line = {**path, "activity-type": activity, "resource-arn": self.server["Arn"], "session-id": self.session_id}
        line |= {name.replace("_", "-"): value for name, value in more.items()}
        _write(self.server, f"{self.user}.{self.session_id}", line)

    def connected(self, user: Mapping[str, Any], public_key: str, about: Mapping[str, str]) -> None:
        """The session has begun; `about` has source-ip, client, kex and ciphers."""
        key = _fields(public_key) if public_key else {}
        line = {"role": user["Role"], "home-dir": home_of(user), "user": user["UserName"], **about, **key}
        self.write("CONNECTED", **line)


def refused(server: Mapping[str, Any], username: str, source_ip: str, method: str, message: str) -> None:
    """Somebody did not get in."""
    line = {
        "activity-type": "AUTH_FAILURE",
        "source-ip": source_ip,
        "user": username,
        "method": method,
        "message": message,
        "resource-arn": server["Arn"],
    }
    _write(server, _REFUSALS, line)


def _write(server: Mapping[str, Any], stream: str, line: dict[str, Any]) -> None:
    about = f"{server['Arn']}:{line['activity-type']}:{line.get('path', '')}"
    for destination in server_setting(server, "StructuredLogDestinations") or []:
        group = destination.split(":log-group:")[1].removesuffix(":*")
        service_logs.write("transfer", group, stream, about, line)


def _fields(public_key: str) -> dict[str, str]:
    kind, body = public_key.split()[:2]
    digest = b64encode(hashlib.sha256(b64decode(body)).digest()).decode().rstrip("=")
    return {
        "ssh-public-key": body,
        "ssh-public-key-fingerprint": f"SHA256:{digest}",
        "ssh-public-key-type": kind,
    }
