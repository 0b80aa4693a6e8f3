"""A transfer with a copy and a delivery by a connector, and what the state machine writes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from file_transfer.settings import AddOns
from shared.clock import stamp
from tests.properties.file_transfer import machine
from tests.unit.file_transfer.intake_world import World
from tests.unit.given import ARCHIVE, SETTINGS, definition
from tests.unit.moto_tables import put

TABLE = "FileTransferStatus"
ALL_ADD_ONS = replace(SETTINGS, add_ons=AddOns(content=True, connectors=True, large_files=True, notifications=True))
TARGETS = {
    "s3": {"uri": f"s3://{ARCHIVE}/in/"},
    "bank": {"uri": "sftp-connector://bank/in/"},
    "clearing": {"uri": "sftp-connector://clearing/{customerId}/"},
}


class AsyncWorld(World):
    """`take` and the machine's writes, on moto's tables."""

    def __init__(self, dynamodb: Any) -> None:
        super().__init__(dynamodb, ALL_ADD_ONS)
        self.define(targets=TARGETS, targetType=None)

    def define(self, **changes: Any) -> None:
        put(self.dynamodb, "WorkflowDefinition", definition(**changes))

    def item(self) -> dict[str, Any]:
        (item,) = self.items()
        return item

    def started(self, *, fails: str = "") -> dict[str, Any]:
        """An upload whose copy is made (or fails) and whose deliveries have been started; the first claim's answer."""
        self.event = self.upload()
        answer = self.take(self.event)
        assert self.await_deliveries(answer, fails)
        return answer

    def await_deliveries(self, answer: dict[str, Any], fails: str = "") -> bool:
        at = stamp(self.clock())
        results = []
        for each in answer["targets"]:
            result = {"id": each["id"], "state": "SUCCEEDED"}
            record: dict[str, Any] = {"state": "SUCCEEDED", "attempts": 1, "at": at}
            if each["type"] == "CONNECTOR":
                record |= {"state": "STARTED", "kind": "CONNECTOR", "operation": each["operation"]}
            elif fails:
                record |= {"state": "FAILED", "error": fails}
            results.append(result if each.get("state") == "STARTED" else {**result, "record": record})
        return machine.await_deliveries(self.dynamodb, TABLE, answer["transfer"], results, self.clock())

    def finish(self, answer: dict[str, Any], status: str, reason: str = "", results: Any = ()) -> None:
        """A settle of the machine."""
        assert machine.settle(self.dynamodb, TABLE, answer["transfer"], status, results, self.clock(), reason)

    def reached(self, target: str) -> dict[str, Any]:
        """The result of a target that was copied."""
        record = {"state": "SUCCEEDED", "attempts": 1, "at": stamp(self.clock())}
        return {"id": target, "state": "SUCCEEDED", "record": record}


def outcome(answer: dict[str, Any], target: str, state: str = "SUCCEEDED", **changes: Any) -> dict[str, Any]:
    """As a connector tells it."""
    operation = next(each["operation"] for each in answer["targets"] if each["id"] == target)
    transfer = answer["transfer"]
    message = {"kind": "towpath.outcome", "pk": transfer["pk"], "sk": transfer["sk"], "target": target}
    return {**message, "operation": operation, "state": state, **changes}
