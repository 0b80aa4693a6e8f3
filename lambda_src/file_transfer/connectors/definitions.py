"""Workflow definitions as pulls read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from file_transfer.connectors import pulls
from file_transfer.connectors.pulls import PullRule
from file_transfer.errors import Rejection
from file_transfer.observe import count, logger
from shared.dynamodb import from_item, to_item

KIND_INDEX, WORKFLOW = "KindIndex", "WORKFLOW"


@dataclass(frozen=True)
class PullDefinitions:
    """The table WorkflowDefinition; each call reads it, since a pull is rare and its rule may have changed."""

    dynamodb: Any
    table: str

    def rule(self, workflow_id: str) -> PullRule | None:
        """The rule of one workflow, None when it has none, is switched off or is not valid."""
        key = to_item({"PK": f"WORKFLOW#{workflow_id}"})
        answer = self.dynamodb.get_item(TableName=self.table, Key=key, ConsistentRead=True)
        return _rule(from_item(answer.get("Item", {})))

    def rules(self) -> Iterator[PullRule]:
        """The rules of all workflows that are switched on."""
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=self.table,
            IndexName=KIND_INDEX,
            KeyConditionExpression="kind = :kind",
            ExpressionAttributeValues=to_item({":kind": WORKFLOW}),
        )
        for page in pages:
            for item in page["Items"]:
                rule = _rule(from_item(item))
                if rule is not None:
                    yield rule


def _rule(item: Mapping[str, Any]) -> PullRule | None:
    if not item.get("enabled", True):
        return None
    try:
        return pulls.rule_of(item)
    except Rejection as rejection:
        logger.error("pull not valid", workflow_id=item.get("workflowId"), error=rejection.message)
        count("PullsInvalid")
        return None
