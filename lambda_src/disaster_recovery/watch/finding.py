"""Which executions to poll: all that move, once a minute, and those that an event or a message tells of, at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from disaster_recovery.errors import TowpathError
from disaster_recovery.records.history import OWN, Lock, server_lock
from disaster_recovery.records.statuses import WATCHED_STATUSES
from disaster_recovery.records.store import Store
from disaster_recovery.watch.polling import QUICK, TICK

EVENT = "EVENT"
#: `arn:aws:drs:us-east-1:123456789012:source-server/s-0123456789abcdef0`
SERVER_ARN = re.compile(r"arn:[^:]+:drs:([a-z0-9-]+):(\d{12}):source-server/(s-[0-9a-zA-Z]{17})")
EXECUTION_ID = re.compile(r"[A-Za-z0-9-]{4,80}")

Invoke = Callable[[str, str], None]


@dataclass
class Wanted:
    """Executions to poll with the reason, and the messages that asked for them."""

    reasons: dict[str, str] = field(default_factory=dict)
    messages: dict[str, list[str]] = field(default_factory=dict)

    def add(self, execution_id: str, reason: str, message_id: str) -> None:
        """One poll for any number of messages; news goes before a quick poll that has counted along."""
        known = self.reasons.get(execution_id)
        self.reasons[execution_id] = reason if known is None else max(known, reason, key=_weight)
        self.messages.setdefault(execution_id, []).append(message_id)


@dataclass(frozen=True)
class Finder:
    """`invoke` starts a poll without waiting for it; it raises the taxonomy's errors."""

    store: Store
    invoke: Invoke

    def tick(self) -> int:
        """Polls everything that is not over, all pages of all statuses. Returns how many.

        Raises the last error when some could not be invoked, after all others have been.
        """
        failed: TowpathError | None = None
        found = sorted(self._moving())
        for execution_id in found:
            try:
                self.invoke(execution_id, TICK)
            except TowpathError as error:
                failed = error
        if failed is not None:
            raise failed
        return len(found)

    def batch(self, records: Sequence[dict[str, Any]]) -> list[str]:
        """Polls what the messages of a batch are about. Returns the ids of messages that have to come again."""
        wanted = self._wanted(records)
        again: list[str] = []
        for execution_id, reason in wanted.reasons.items():
            try:
                self.invoke(execution_id, reason)
            except TowpathError:
                again += wanted.messages[execution_id]
        return again

    def _moving(self) -> set[str]:
        found: set[str] = set()
        for status in WATCHED_STATUSES:
            cursor = None
            while True:
                page = self.store.by_status(status, cursor=cursor)
                found.update(str(item["executionId"]) for item in page.items)
                cursor = page.cursor
                if cursor is None:
                    break
        return found

    def _wanted(self, records: Iterable[dict[str, Any]]) -> Wanted:
        wanted = Wanted()
        servers: dict[str, list[str]] = {}
        for record in records:
            body, message_id = _body(record), str(record["messageId"])
            execution_id = body.get("executionId")
            if isinstance(execution_id, str) and EXECUTION_ID.fullmatch(execution_id):
                wanted.add(execution_id, str(body.get("reason", EVENT)), message_id)
            for key in _lock_keys(body):
                servers.setdefault(key, []).append(message_id)
        for key, lock in self._locks(servers).items():
            for message_id in servers[key] if lock.holder else ():
                wanted.add(str(lock.holder), EVENT, message_id)
        return wanted

    def _locks(self, keys: Iterable[str]) -> dict[str, Lock]:
        """Servers that nobody of us has locked are launched by somebody else: their events are none of ours."""
        wanted = list(keys)
        return self.store.locks(wanted) if wanted else {}


def _body(record: dict[str, Any]) -> dict[str, Any]:
    """A message that is no JSON object tells nothing, now or later: it is dropped, not delivered again."""
    try:
        body = json.loads(record["body"])
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _lock_keys(body: dict[str, Any]) -> list[str]:
    """Keys of the locks that the server of an `aws.drs` event may have: as ours, or as another account's."""
    resources = body.get("resources")
    keys = []
    for resource in resources if isinstance(resources, list) else ():
        found = SERVER_ARN.fullmatch(str(resource))
        if found:
            region, account_id, server_id = found.groups()
            keys += [server_lock(OWN, region, server_id), server_lock(account_id, region, server_id)]
    return keys


def _weight(reason: str) -> tuple[int, int]:
    """A first poll goes before a counted one, so that what just happened is followed for its whole time."""
    counted = re.fullmatch(rf"{QUICK}#(\d+)", reason)
    return (0, -int(counted.group(1))) if counted else (1, 0)
