"""The table ConnectorTransfer as pulls see it: what is remembered of remote files and of listings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from file_transfer.connectors import pulls
from file_transfer.connectors.pulls import FETCHING, Pulled
from file_transfer.connectors.table import ConnectorTable, alone, together
from shared.clock import stamp
from shared.conditional import update_if
from shared.dynamodb import from_item, to_item


@dataclass(frozen=True)
class PullTable:
    """Raises what botocore raises; a lost condition is an answer."""

    table: ConnectorTable

    def files(self, workflow_id: str) -> dict[str, Pulled]:
        """All that is remembered of a workflow's files, by path."""
        pages = self.table.dynamodb.get_paginator("query").paginate(
            TableName=self.table.name,
            KeyConditionExpression="PK = :pk AND begins_with(SK, :files)",
            ExpressionAttributeValues=to_item({":pk": pulls.pulled_key(workflow_id, "")["PK"], ":files": "FILE#"}),
            ConsistentRead=True,
        )
        found = (pulls.from_record(from_item(item)) for page in pages for item in page["Items"])
        return {each.path: each for each in found}

    def file(self, workflow_id: str, path: str) -> Pulled | None:
        """What is remembered of one file."""
        item = self.table.item(pulls.pulled_key(workflow_id, path))
        return pulls.from_record(item) if item else None

    def remember(self, before: Pulled | None, after: Pulled) -> bool:
        """Replaces a memory as it was seen."""
        return alone(self.table.dynamodb, self._put(before, after))

    def start(self, batch: Sequence[tuple[Pulled | None, Pulled]], max_pending: int) -> bool:
        """Writes the intent to fetch a whole batch, as far as the connector has room."""
        writes = [self.table.counted(batch[0][1].connector, len(batch), max_pending)]
        return together(self.table.dynamodb, writes + [self._put(before, after) for before, after in batch])

    def confirm(self, file: Pulled, transfer_id: str) -> bool:
        """Notes the connector's transfer. False when the end of it was heard before."""
        return self.remember(file, replace(file, transfer_id=transfer_id))

    def finish(self, before: Pulled, after: Pulled) -> bool:
        """Ends a fetch and makes room for the next."""
        writes = [self.table.counted(before.connector, -1), self._put(before, after)]
        return together(self.table.dynamodb, writes)

    def listings(self, workflow_id: str) -> dict[str, Any]:
        """What is remembered of listings: `startedAt`, `output` (the last one's object), `heardAt`, `count`."""
        return self.table.item(pulls.rounds_key(workflow_id))

    def begin_listing(self, workflow_id: str, before: Mapping[str, Any], now: datetime, output: str) -> bool:
        """Notes that a listing begins. False when somebody else has begun one since."""
        last = before.get("startedAt", "")
        condition = "startedAt = :last" if last else "attribute_not_exists(startedAt)"
        values = {":now": stamp(now), ":output": output} | ({":last": last} if last else {})
        update = "SET startedAt = :now, outputPrefix = :output REMOVE outputKey"
        return self._change_listings(workflow_id, update, condition, values)

    def name_listing(self, workflow_id: str, started: datetime, output: str) -> bool:
        """Notes the object that a listing writes."""
        values = {":output": output, ":started": stamp(started)}
        return self._change_listings(workflow_id, "SET outputKey = :output", "startedAt = :started", values)

    def hear_listing(self, workflow_id: str, began: datetime, files: int) -> bool:
        """Notes that a listing was worked through. False when a later one was."""
        values = {":began": stamp(began), ":files": files, ":expires": self.table.expires_at()}
        condition = "attribute_not_exists(heardAt) OR heardAt <= :began"
        return self._change_listings(
            workflow_id, "SET heardAt = :began, fileCount = :files, expiresAt = :expires", condition, values
        )

    def _change_listings(self, workflow_id: str, update: str, condition: str, values: Mapping[str, Any]) -> bool:
        key = pulls.rounds_key(workflow_id)
        return update_if(self.table.dynamodb, self.table.name, key, update, condition, values, {})[0]

    def _put(self, before: Pulled | None, after: Pulled) -> dict[str, Any]:
        write: dict[str, Any] = {
            "TableName": self.table.name,
            "Item": to_item(pulls.to_record(after, self.table.expires_at())),
        }
        if before is None:
            return {"Put": {**write, "ConditionExpression": "attribute_not_exists(PK)"}}
        values = {":state": before.state, ":first": before.first_seen_at, ":cleanups": before.cleanups}
        condition = "#state = :state AND firstSeenAt = :first AND cleanups = :cleanups"
        if before.state == FETCHING:
            condition, values = f"{condition} AND #batch = :batch", {**values, ":batch": before.batch}
        return {
            "Put": {
                **write,
                "ConditionExpression": condition,
                "ExpressionAttributeNames": {"#state": "state"}
                | ({"#batch": "batch"} if "#batch" in condition else {}),
                "ExpressionAttributeValues": to_item(values),
            }
        }
