"""The server as a background process: started once, found again by its process id, stopped politely."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_cloud.settings import LOOPBACK, REPOSITORY, Settings

START_SECONDS = 60.0
STOP_SECONDS = 20.0
_POLL_SECONDS = 0.05
_LOG_LINES = 15


class CannotRun(RuntimeError):
    """The local cloud cannot be started or found; the message says what to do."""


@dataclass(frozen=True)
class Server:
    """The background server of one state folder."""

    settings: Settings

    @property
    def log(self) -> Path:
        """What the server prints."""
        return self.settings.state_dir / "server.log"

    @property
    def _pid_file(self) -> Path:
        return self.settings.state_dir / "server.pid"

    def health(self) -> dict[str, Any] | None:
        """What answers on the port says about itself; None when nothing does, {} when it is no local cloud."""
        try:
            answer = self.control("GET", "health")
        except urllib.error.HTTPError:
            return {}
        except (OSError, ValueError):
            return {} if _is_taken(self.settings.port) else None
        return answer if isinstance(answer, dict) else {}

    def control(self, method: str, path: str) -> Any:
        """A request to the control plane. Raises OSError."""
        return self._request(method, f"/_towpath/{path}")

    def _request(self, method: str, path: str) -> Any:
        request = urllib.request.Request(f"{self.settings.endpoint_url}{path}", method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def pid(self) -> int | None:
        """The process id of this state folder's server while it runs."""
        try:
            pid = int(self._pid_file.read_text())
        except (OSError, ValueError):
            return None
        health = self.health()
        return pid if health and health.get("pid") == pid else None

    def start(self) -> float:
        """Starts the server and waits until it answers; returns the seconds that took. Raises CannotRun."""
        self._refuse_taken_ports()
        self.settings.state_dir.mkdir(parents=True, exist_ok=True)
        begun = time.monotonic()
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "local_cloud.server"],
                cwd=REPOSITORY,
                env={**os.environ, **self._environment()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._pid_file.write_text(str(process.pid))

        def ready() -> bool:
            if process.poll() is not None:
                tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-_LOG_LINES:])
                raise CannotRun(f"the server ended with status {process.returncode}; {self.log} ends with:\n{tail}")
            return self.pid() == process.pid

        if not _within(START_SECONDS, ready):
            raise CannotRun(f"the server does not answer after {START_SECONDS:.0f} s; see {self.log}")
        return time.monotonic() - begun

    def stop(self) -> bool:
        """Asks the server to end, which saves its state, and waits for it. False when it did not run."""
        pid = self.pid()
        if pid is None:
            return False
        os.kill(pid, signal.SIGTERM)
        if not _within(STOP_SECONDS, lambda: not _is_alive(pid)):
            raise CannotRun(f"process {pid} did not end within {STOP_SECONDS:.0f} s; see {self.log}")
        self._pid_file.unlink(missing_ok=True)
        return True

    def empty(self) -> None:
        """Removes every resource from the running server."""
        self._request("POST", "/_ministack/reset")

    def _environment(self) -> dict[str, str]:
        return {
            "TOWPATH_PORT": str(self.settings.port),
            "TOWPATH_SFTP_PORT": str(self.settings.sftp_port),
            "TOWPATH_PARTNER_PORT": str(self.settings.partner_port),
            "TOWPATH_STATE_DIR": str(self.settings.state_dir),
        }

    def _refuse_taken_ports(self) -> None:
        ports = {
            "TOWPATH_PORT": self.settings.port,
            "TOWPATH_SFTP_PORT": self.settings.sftp_port,
            "TOWPATH_PARTNER_PORT": self.settings.partner_port,
        }
        for name, port in ports.items():
            if _is_taken(port):
                raise CannotRun(
                    f"port {port} on {LOOPBACK} is taken by another program"
                    f" (perhaps the local cloud of another checkout).\n"
                    f"Stop it, or choose another port: {name}={port + 1} make up"
                )


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that is only closing is free
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
    return False


def _is_alive(pid: int) -> bool:
    try:
        reaped, _ = os.waitpid(pid, os.WNOHANG)  # our own child when the same process started and stops it
        return reaped == 0
    except ChildProcessError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _within(seconds: float, condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
