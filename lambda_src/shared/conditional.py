"""Conditional writes: the only kind the systems make. A lost condition is an answer, not an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shared.aws_errors import error_code
from shared.dynamodb import from_item, to_item

#: Times a transaction is sent that met another one on the same items. The SDK does not do it.
TRANSACTION_ATTEMPTS = 4
LOST, COLLIDED = "ConditionalCheckFailed", "TransactionConflict"


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
    names: Mapping[str, str] | None = None,
) -> tuple[bool, dict[str, Any]]:
    """UpdateItem under a condition.

    Returns (True, the item as it is now), or (False, the item as it stands, empty if there is none).
    """
    request: dict[str, Any] = {
        "TableName": table,
        "Key": to_item(key),
        "UpdateExpression": update,
        "ConditionExpression": condition,
        "ExpressionAttributeValues": to_item(values),
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if names:
        request["ExpressionAttributeNames"] = dict(names)
    try:
        answer = dynamodb.update_item(**request)
    except dynamodb.exceptions.ConditionalCheckFailedException as error:
        return False, from_item(error.response.get("Item", {}))
    return True, from_item(answer["Attributes"])


def delete_if(  # noqa: PLR0913  (a DeleteItem has these parts)
    dynamodb: Any,
    table: str,
    key: Mapping[str, Any],
    condition: str,
    values: Mapping[str, Any],
    names: Mapping[str, str],
) -> tuple[bool, dict[str, Any]]:
    """DeleteItem under a condition: (True, {}) when it is gone, else (False, the item as it stands)."""
    try:
        dynamodb.delete_item(
            TableName=table,
            Key=to_item(key),
            ConditionExpression=condition,
            ExpressionAttributeValues=to_item(values),
            ExpressionAttributeNames=dict(names),
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException as error:
        return False, from_item(error.response.get("Item", {}))
    return True, {}


def transact_if(dynamodb: Any, writes: Sequence[Mapping[str, Any]]) -> tuple[bool, list[dict[str, Any]]]:
    """TransactWriteItems: up to 100 `Put`, `Update`, `Delete` or `ConditionCheck` entries, all or none.

    Returns (True, []), or (False, for each entry the item that stood in its way, empty for those that could have been
    written). The SDK gives each call a token, so a retry after a lost answer is the same transaction, not a lost
    condition. Raises what botocore raises for anything but lost conditions, also for collisions that do not end.
    """
    asked = [
        {kind: {**write, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"} for kind, write in entry.items()}
        for entry in writes
    ]
    attempts = TRANSACTION_ATTEMPTS
    while True:
        attempts -= 1
        try:
            dynamodb.transact_write_items(TransactItems=asked)
        except dynamodb.exceptions.TransactionCanceledException as error:
            reasons = error.response.get("CancellationReasons", [])
            codes = {reason.get("Code") for reason in reasons}
            if LOST in codes:
                return False, [from_item(reason.get("Item", {})) for reason in reasons]
            if COLLIDED not in codes or not attempts:
                raise
        except dynamodb.exceptions.ClientError as error:
            if error_code(error) != "TransactionInProgressException" or not attempts:
                raise
        else:
            return True, []
