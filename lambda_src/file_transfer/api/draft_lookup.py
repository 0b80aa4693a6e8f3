"""Definitions as they would be found if a draft were stored."""

from __future__ import annotations

from typing import Any

from file_transfer.workflows.lookup import Items, WorkflowLookup


class DraftLookup(WorkflowLookup):
    """The draft stands in place of the stored definition of its id. Remembers nothing."""

    def __init__(self, dynamodb: Any, table: str, draft: dict[str, Any] | None) -> None:
        super().__init__(dynamodb, table, 0)
        self._draft = draft

    def _get(self, workflow_id: str) -> Items:
        if self._draft and self._draft["workflowId"] == workflow_id:
            return [self._draft]
        return super()._get(workflow_id)

    def _query(self, prefix: str) -> Items:
        found = super()._query(prefix)
        if self._draft is None:
            return found
        others = [each for each in found if each["workflowId"] != self._draft["workflowId"]]
        return [*others, self._draft] if self._draft.get("sourcePrefix") == prefix else others
