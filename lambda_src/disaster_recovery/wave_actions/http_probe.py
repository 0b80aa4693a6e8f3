"""HTTP probes: a URL is asked until it answers with the expected status, or the action's time is over.

Only hosts that the system's settings allow are called, redirects are not followed, and nothing of the answer but its
status is read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from disaster_recovery.wave_actions.service import RUNNING, SUCCEEDED, Progress, Task
from shared.errors import ValidationFailed

CALL_SECONDS = 10
DEFAULT_STATUS = 200
DEFAULT_PORTS = {"http": 80, "https": 443}


def get_status(url: str) -> int:
    """The status of one GET. Raises OSError or HTTPException when there is no answer."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=CALL_SECONDS)
    try:
        path = parts.path or "/"
        target = f"{path}?{parts.query}" if parts.query else path
        connection.request("GET", target, headers={"User-Agent": "towpath-probe", "Connection": "close"})
        return connection.getresponse().status
    finally:
        connection.close()


@dataclass(frozen=True)
class HttpProbe:
    """`hosts` are names, or suffixes that begin with a dot: `.example.com` allows what is below it.

    A name may end in `:port` and then allows that port only.
    """

    hosts: Sequence[str]
    get: Callable[[str], int] = get_status

    def advance(self, task: Task) -> Progress:
        """Asks once. Raises ValidationFailed for a URL that may not be called."""
        url = task.planned.arguments["url"]
        expected = int(task.planned.arguments.get("expectedStatus", DEFAULT_STATUS))
        if not allowed(url, self.hosts):
            raise ValidationFailed(f"probes may not call {url}")
        try:
            status = self.get(url)
        except (OSError, HTTPException) as error:
            return Progress(RUNNING, f"no answer: {type(error).__name__}")
        return Progress(SUCCEEDED if status == expected else RUNNING, f"answered {status}")


def allowed(url: str, hosts: Sequence[str]) -> bool:
    """True when the URL is plain HTTP(S), bears no credentials and names an allowed host."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    host = (parts.hostname or "").lower().rstrip(".")
    if parts.scheme not in DEFAULT_PORTS or not host or parts.username or parts.password or port == 0:
        return False
    own_port = port or DEFAULT_PORTS[parts.scheme]
    return any(_matches(host, own_port, each.lower()) for each in hosts)


def _matches(host: str, port: int, rule: str) -> bool:
    name, colon, number = rule.partition(":")
    if colon and number != str(port):
        return False
    return host == name or (name.startswith(".") and host.endswith(name))
