"""The tokens of tasks that wait for an answer, and the answers: SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat.

Errors are those of the Step Functions API reference. A token answers once: whatever comes after the answer, after the
timeout, after the end of the execution or after a restart is refused with TaskTimedOut.
"""

from __future__ import annotations

import base64
import json
import random
import threading
import zlib
from collections.abc import Callable
from typing import Any

_PREFIX = "AQC"
_BYTES = 24


class TokenRefused(Exception):
    """An answer that is not accepted; `code` is the error of the API."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class Waiting:
    """One task that waits. `notify` is called after each change, `is_over` says whether nobody waits any more."""

    def __init__(self, notify: Callable[[], None], is_over: Callable[[], bool]) -> None:
        self._notify, self.is_over = notify, is_over
        self.answered = False
        self.heartbeats = 0
        self.result: Any = None
        self.failure: tuple[str, str] | None = None

    def succeed(self, result: Any) -> None:
        """The task's result has come."""
        self.result, self.answered = result, True
        self._notify()

    def fail(self, error: str, cause: str) -> None:
        """The task has failed."""
        self.failure, self.answered = (error, cause), True
        self._notify()

    def beat(self) -> None:
        """The task is still being worked on."""
        self.heartbeats += 1
        self._notify()


class Tokens:
    """Every task that waits, by its token."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, Waiting] = {}

    def open(self, token: str, waiting: Waiting) -> None:
        """The task may be answered from now on."""
        with self._lock:
            self._waiting[token] = waiting

    def close(self, token: str) -> None:
        """The task has ended, one way or another."""
        with self._lock:
            self._waiting.pop(token, None)

    def succeed(self, token: str, output: str) -> None:
        """SendTaskSuccess; `output` is JSON text. Raises TokenRefused."""
        try:
            result = json.loads(output)
        except ValueError:
            raise TokenRefused("InvalidOutput", f"Invalid Output: '{output[:200]}'") from None
        with self._lock:
            self._find(token).succeed(result)

    def fail(self, token: str, error: str, cause: str) -> None:
        """SendTaskFailure. Raises TokenRefused."""
        with self._lock:
            self._find(token).fail(error, cause)

    def heartbeat(self, token: str) -> None:
        """SendTaskHeartbeat. Raises TokenRefused."""
        with self._lock:
            self._find(token).beat()

    def _find(self, token: str) -> Waiting:
        waiting = self._waiting.get(token)
        if waiting is not None and not waiting.answered and not waiting.is_over():
            return waiting
        if machine_of(token) is None:
            raise TokenRefused("InvalidToken", "Invalid Token: 'Invalid token'")
        raise TokenRefused("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")


def new_token(machine_arn: str, chance: random.Random) -> str:
    """A token nobody has seen, for a task of the state machine."""
    content = f"{chance.randbytes(_BYTES).hex()} {machine_arn}".encode()
    return _PREFIX + base64.urlsafe_b64encode(content + zlib.crc32(content).to_bytes(4)).decode()


def machine_of(token: str) -> str | None:
    """ARN of the state machine that a token was made for; None when it is no token. Restarts do not matter."""
    try:
        decoded = base64.urlsafe_b64decode(token.removeprefix(_PREFIX))
    except ValueError:
        return None
    content, check = decoded[:-4], decoded[-4:]
    known = token.startswith(_PREFIX) and zlib.crc32(content).to_bytes(4) == check
    return content.decode().partition(" ")[2] if known else None


TOKENS = Tokens()
