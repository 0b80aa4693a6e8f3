"""BatchGetItem until every key is answered: DynamoDB may leave some, and what was left is not gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from shared.dynamodb import from_item, to_item
from shared.errors import Throttled

#: Keys that one BatchGetItem takes (Amazon DynamoDB API Reference).
BATCH = 100
ROUNDS = 5


def read_batches(
    dynamodb: Any, table: str, keys: Iterable[Mapping[str, Any]], **options: Any
) -> Iterator[list[dict[str, Any]]]:
    """The items that exist, as plain values: a list for each hundred of the keys, in no order.

    `options` go with the keys, `ConsistentRead` say. Raises Throttled when keys stay unanswered.
    """
    left = iter(keys)
    while batch := list(islice(left, BATCH)):
        # A key that comes twice is refused.
        once = {tuple(sorted(key.items())): to_item(key) for key in batch}
        yield list(_read(dynamodb, table, {"Keys": list(once.values()), **options}))


def _read(dynamodb: Any, table: str, wanted: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    asked: Mapping[str, Any] = {table: wanted}
    for _ in range(ROUNDS):
        answer = dynamodb.batch_get_item(RequestItems=asked)
        yield from (from_item(item) for item in answer.get("Responses", {}).get(table, []))
        asked = answer.get("UnprocessedKeys") or {}
        if not asked:
            return
    raise Throttled(f"{table} left keys unanswered {ROUNDS} times")
