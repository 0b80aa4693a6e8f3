"""Definitions as they would be found if a draft were stored."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from file_transfer.workflows.lookup import Items, WorkflowLookup


class DraftLookup(WorkflowLookup):
    """The draft stands in place of the stored definition of its id. Remembers nothing but whose definitions it met."""

    def __init__(self, dynamodb: Any, table: str, draft: dict[str, Any] | None) -> None:
        super().__init__(dynamodb, table, 0)
        self._draft = draft
        self._owners: set[str] = set()

    def met_others(self, customers: Collection[str]) -> bool:
        """True when a definition that was looked at belongs to somebody else than these."""
        return bool(self._owners.difference(customers))

    def _get(self, workflow_id: str) -> Items:
        if self._draft and self._draft["workflowId"] == workflow_id:
            return self._noted([self._draft])
        return self._noted(super()._get(workflow_id))

    def _query(self, prefix: str) -> Items:
        found = super()._query(prefix)
        if self._draft is None:
            return self._noted(found)
        others = [each for each in found if each["workflowId"] != self._draft["workflowId"]]
        own = [self._draft] if self._draft.get("sourcePrefix") == prefix else []
        return self._noted([*others, *own])

    def _noted(self, items: Items) -> Items:
        """A definition without a customer is for those whose files it takes."""
        self._owners |= {str(each["customerId"]) for each in items if each.get("customerId")}
        return items
