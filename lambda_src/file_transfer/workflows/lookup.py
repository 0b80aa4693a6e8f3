"""Workflow definitions out of their table, remembered for a while per warm worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

from file_transfer.errors import Rejection
from file_transfer.workflows import definition as workflow
from file_transfer.workflows.arrival import Arrival
from file_transfer.workflows.definition import Workflow
from shared.dynamodb import from_item

INDEX = "SourcePrefixIndex"
MISS_SECONDS = 5
MOST_ENTRIES = 2000

Items = list[dict[str, Any]]


class WorkflowLookup:
    """Definitions by id or by source prefix. An entry is used for `cache_seconds`, an absence for 5 at most."""

    def __init__(self, dynamodb: Any, table: str, cache_seconds: int, timer: Callable[[], float] = monotonic) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._cache_seconds = cache_seconds
        self._timer = timer
        self._cache: dict[tuple[str, str], tuple[float, Items]] = {}

    def resolve(self, arrival: Arrival) -> list[Workflow]:
        """The workflows that may take this object: the one it names, or all of the longest prefix that has any.

        Raises Rejection UNKNOWN_WORKFLOW, VALIDATION_FAILED (it names a workflow of another source) or
        INVALID_DEFINITION.
        """
        if arrival.workflow_id:
            return [self._named(arrival, arrival.workflow_id)]
        for prefix in workflow.ancestors(arrival.key):
            items = [each for each in self._by_prefix(prefix) if _of_bucket(each, arrival.bucket)]
            if items:
                return [workflow.read_definition(each) for each in items]
        raise Rejection("UNKNOWN_WORKFLOW", f"no workflow has a sourcePrefix above {arrival.key!r}")

    def _named(self, arrival: Arrival, workflow_id: str) -> Workflow:
        items = self._remember("id", workflow_id, self._get)
        if not items:
            raise Rejection("UNKNOWN_WORKFLOW", f"there is no workflow {workflow_id!r}")
        found = workflow.read_definition(items[0])
        if not arrival.is_member and not found.covers(arrival.bucket, arrival.key):
            source = f"{found.source_bucket or '*'}/{found.source_prefix}"
            raise Rejection("VALIDATION_FAILED", f"{arrival.bucket}/{arrival.key} is not below {source}")
        return found

    def _by_prefix(self, prefix: str) -> Items:
        return self._remember("prefix", prefix, self._query)

    def _remember(self, kind: str, value: str, fetch: Callable[[str], Items]) -> Items:
        now = self._timer()
        until, items = self._cache.get((kind, value), (0.0, []))
        if now < until:
            return items
        items = fetch(value)
        if len(self._cache) >= MOST_ENTRIES:
            self._cache.clear()
        keep = self._cache_seconds if items else min(self._cache_seconds, MISS_SECONDS)
        self._cache[kind, value] = (now + keep, items)
        return items

    def _get(self, workflow_id: str) -> Items:
        answer = self._dynamodb.get_item(TableName=self._table, Key={"PK": {"S": f"WORKFLOW#{workflow_id}"}})
        return [from_item(answer["Item"])] if "Item" in answer else []

    def _query(self, prefix: str) -> Items:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=INDEX,
            KeyConditionExpression="sourcePrefix = :prefix",
            ExpressionAttributeValues={":prefix": {"S": prefix}},
        )
        return [from_item(item) for page in pages for item in page["Items"]]


def _of_bucket(item: Mapping[str, Any], bucket: str) -> bool:
    return bool(item.get("sourceBucket", bucket) == bucket)
