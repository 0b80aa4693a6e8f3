"""Work that connectors were asked for: done in turn, and announced when it is over."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ministack.core.responses import get_account_id

from local_cloud import service_logs
from local_cloud.aws_client import spawn
from local_cloud.connectors import remote
from local_cloud.connectors.failures import WorkFailed
from local_cloud.connectors.tasks import Found, Send, Task
from local_cloud.events import put_event
from local_cloud.faults.rules import IN_FORCE, ON_CALLS, Occasion
from local_cloud.sftp.transfers import now

_log = logging.getLogger("towpath.connectors")
_IN_LOG = {"start-timestamp": "start-time", "end-timestamp": "end-time"}


@dataclass(eq=False)
class Work:
    """One task. `operation` is what rules know it as, `path` what it is about, `event` the subject of its event.

    `detail` is what the event says in any case. `status` is as ListFileTransferResults has it.
    """

    task: Task
    operation: str
    path: str
    event: str
    detail: Mapping[str, Any]
    status: str = "QUEUED"
    failure: WorkFailed | None = None

    @property
    def is_over(self) -> bool:
        """Whether it has come to an end."""
        return self.status in ("COMPLETED", "FAILED")

    def run(self) -> None:
        """Does the task and announces how it ended."""
        self.status, started, found = "IN_PROGRESS", now(), {}
        try:
            found = self._done()
            status = "COMPLETED"
        except WorkFailed as failed:
            self.failure, status = failed, "FAILED"
        except Exception as error:  # a bug of ours must not leave a file in progress for ever
            _log.exception("%s %s", self.operation, self.path)
            self.failure, status = WorkFailed("INTERNAL_ERROR", type(error).__name__), "FAILED"
        self.status = status
        self._announce(started, found)

    def _done(self) -> Found:
        """Does the task as a rule wants it. Raises WorkFailed."""
        connector = self.task.connector
        principal = f"{connector['AccessRole'].replace(':role/', ':assumed-role/')}/{connector['ConnectorId']}"
        struck = IN_FORCE.decide(
            Occasion("transfer", self.operation, f"{connector['Arn']}:{self.path}", principal), ON_CALLS
        )
        action: Mapping[str, Any] = struck.action if struck else {"type": ""}
        if action["type"] == "latency":
            time.sleep(action["ms"] / 1000)
        elif action["type"] == "throttle":
            raise WorkFailed("CONNECTION_ERROR", "Too many connections")
        elif action["type"] == "error":
            self._break_off(action)
        found = asyncio.run(_over_sftp(self.task))
        if action["type"] == "lost_response":
            raise WorkFailed("TIMEOUT_ERROR", "Transfer request timeout.")
        return found

    def _break_off(self, action: Mapping[str, Any]) -> None:
        if "after_bytes" in action and isinstance(self.task, Send):
            asyncio.run(_over_sftp(replace(self.task, until=int(action["after_bytes"]))))
        raise WorkFailed(str(action["code"]), str(action.get("message", "")))

    def _announce(self, started: str, found: Found) -> None:
        connector = self.task.connector
        about: dict[str, Any] = {
            **self.detail,
            "connector-id": connector["ConnectorId"],
            "url": connector["Url"],
            "egress-type": connector["EgressType"],
            "status-code": self.status,
            "start-timestamp": started,
            "end-timestamp": now(),
            **found,
        }
        if self.failure:
            about |= {"failure-code": self.failure.code, "failure-message": self.failure.message}
        _write_log(connector, self.path, about)
        put_event("aws.transfer", f"SFTP Connector {self.event} {self.status.capitalize()}", about, [connector["Arn"]])


async def _over_sftp(task: Task) -> Found:
    async with remote.connected(remote.login(task.connector)) as sftp:
        return await task.do(sftp)


def _write_log(connector: Mapping[str, Any], path: str, about: Mapping[str, Any]) -> None:
    if "LoggingRole" not in connector:
        return
    group = f"/aws/transfer/{connector['ConnectorId']}"
    line = {_IN_LOG.get(name, name): value for name, value in about.items()}
    line |= {"timestamp": now(), "account-id": get_account_id(), "connector-arn": connector["Arn"]}
    service_logs.make_group(group)
    service_logs.write("transfer", group, connector["ConnectorId"], f"{connector['Arn']}:{path}", line)


class Lane:
    """The work of one connector, first come first served, as much at a time as it has connections."""

    def __init__(self, connections: Callable[[], int]) -> None:
        self._connections = connections
        self._lock = threading.Lock()
        self._waiting: deque[Work] = deque()
        self._runners = 0

    def add(self, work: Work) -> None:
        """Takes work on."""
        with self._lock:
            self._waiting.append(work)
            if self._runners >= self._connections():
                return
            self._runners += 1
        spawn(self._run)

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._runners -= 1
                    return
                work = self._waiting.popleft()
            work.run()
