"""What the tests say about connectors: routes to and from the partner's server, and what was asked of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from shared.dynamodb import from_item, to_item
from tests.e2e.faults import fault
from tests.e2e.file_transfer.transfers import Route, Transfers

SENDER, EVENTS, WATCHER = "send-to-connectors", "connector-events", "start-pulls"
CONTENT = b"a,b\n1,2\n"
EVENT_QUEUE = "*file-transfer-connector-events*"
NO_EVENTS = fault("events", "Deliver", "drop", resource=EVENT_QUEUE)
LOST_START = fault("transfer", "StartFileTransfer", "lost_response", nth=[1])


class Partners:
    """The connectors of the stack, with the partner at their other end."""

    def __init__(self, transfers: Transfers) -> None:
        self.transfers = transfers
        self.cloud = transfers.cloud
        self.system = self.cloud.outputs("file-transfer")["connectors"]
        self.partner = self.cloud.partner()
        self._marked = self.cloud.mark()

    # Given

    def route(self, **definition: Any) -> Route:
        """A customer whose files go to a folder of their own at the partner."""
        bank = {"type": "CONNECTOR", "uri": "sftp-connector://partner/in/{customerId}/"}
        route = self.transfers.route(**{"targets": {"bank": bank}, "targetType": "CONNECTOR", **definition})
        self.partner.make(f"in/{route.customer}")
        return route

    def pull(self, **pull: Any) -> tuple[Route, str]:
        """A customer whose files are fetched from a folder of their own: (the route, that folder)."""
        folder = f"out/{uuid.uuid4().hex[:8]}"
        self.partner.make(folder)
        rule = {"connector": "partner", "directory": f"/{folder}", "settleSeconds": 0, "intervalMinutes": 1440, **pull}
        return self.transfers.route(source="S3", pull=rule, kind="WORKFLOW"), folder

    # When

    def list_now(self, route: Route) -> None:
        """Has the customer's folder listed at once, as an operator would."""
        answer = self.cloud.tick(self.system["function_names"][WATCHER], {"workflowId": route.workflow_id})
        assert answer["listings"] == 1, answer

    def look(self) -> int:
        """A tick of the schedule; returns how many ends it found out about."""
        return int(self.cloud.tick(self.system["function_names"][WATCHER])["found"])

    # Then

    def delivered(self, route: Route, name: str, content: bytes = CONTENT) -> dict[str, Any]:
        """SUCCESS with complete records, and the file at the partner; returns the status item."""
        item = self.transfers.settled(route, name)
        assert item["status"] == "SUCCESS", item
        assert self.partner.get(f"in/{route.customer}/{name}") == content
        self.transfers.assert_complete(route, name, item)
        return item

    def landed(self, route: Route, name: str, content: bytes = CONTENT) -> dict[str, Any]:
        """A fetched file: one arrival in the landing bucket, and that delivered like any other."""
        item = self.transfers.settled(route, name)
        assert item["status"] == "SUCCESS", item
        assert len(self.transfers.versions(self.transfers.landing, f"{route.prefix}{name}")) == 1
        assert self.transfers.content(self.transfers.archive, f"{route.customer}/{name}") == content
        return item

    def send_of(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """The record of the send by which a transfer reached the partner."""
        return self._item({"PK": f"SEND#{item['targets']['bank']['operation']}", "SK": "SEND"})

    def nothing_pending(self) -> None:
        """Our count of what the connector was given comes to nothing when all is done."""
        key = {"PK": "CONNECTOR#partner", "SK": "PENDING"}
        self.transfers.eventually(lambda: self._item(key).get("pending", 0) == 0, "nothing to be pending")

    def calls(self, operation: str) -> list[Mapping[str, Any]]:
        """Calls of Transfer Family by the functions, since this test began."""
        calls: list[dict[str, Any]] = self.cloud.calls(since=self._marked)
        return [each for each in calls if each["service"] == "transfer" and each["operation"] == operation]

    def _item(self, key: Mapping[str, str]) -> dict[str, Any]:
        answer = self.transfers.dynamodb.get_item(
            TableName=self.system["table_name"], Key=to_item(key), ConsistentRead=True
        )
        return from_item(answer.get("Item", {}))
