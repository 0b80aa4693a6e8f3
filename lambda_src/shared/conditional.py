"""Conditional writes: the only kind the systems make. A lost condition is an answer, not an error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.dynamodb import from_item, to_item


def put_if(
    dynamodb: Any,
    table: str,
    item: Mapping[str, Any],
    condition: str,
    values: Mapping[str, Any] | None = None,
    names: Mapping[str, str] | None = None,
) -> tuple[bool, dict[str, Any]]:
    """PutItem under a condition.

    Returns (True, {}) when it was written, else (False, the item that stood in the way). Raises what botocore
    raises for anything but the lost condition.
    """
    request: dict[str, Any] = {
        "TableName": table,
        "Item": to_item(item),
        "ConditionExpression": condition,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if values:
        request["ExpressionAttributeValues"] = to_item(values)
    if names:
        request["ExpressionAttributeNames"] = dict(names)
    try:
        dynamodb.put_item(**request)
    except dynamodb.exceptions.ConditionalCheckFailedException as error:
        return False, from_item(error.response.get("Item", {}))
    return True, {}


def update_if(  # noqa: PLR0913  (an UpdateItem has these parts)
    dynamodb: Any,
    table: str,
    key: Mapping[str, Any],
    update: str,
    condition: str,
    values: Mapping[str, Any],
    names: Mapping[str, str],
) -> tuple[bool, dict[str, Any]]:
    """UpdateItem under a condition.

    Returns (True, the item as it is now), or (False, the item as it stands, empty if there is none).
    """
    try:
        answer = dynamodb.update_item(
            TableName=table,
            Key=to_item(key),
            UpdateExpression=update,
            ConditionExpression=condition,
            ExpressionAttributeValues=to_item(values),
            ExpressionAttributeNames=dict(names),
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException as error:
        return False, from_item(error.response.get("Item", {}))
    return True, from_item(answer["Attributes"])
