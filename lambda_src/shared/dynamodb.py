"""Python values to DynamoDB's typed values and back, without floats.

DynamoDB numbers are decimal; a float would be rounded silently, so it is refused on the way in and never
made on the way out: numbers come back as int, or Decimal if they have a fraction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

Typed = dict[str, Any]


def to_value(value: Any) -> Typed:
    """`{"S": …}`, `{"N": …}`, `{"BOOL": …}`, `{"NULL": True}`, `{"M": …}` or `{"L": …}`. Raises TypeError otherwise."""
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, int | Decimal):
        return {"N": str(value)}
    if isinstance(value, Mapping):
        return {"M": to_item(value)}
    if isinstance(value, list | tuple):
        return {"L": [to_value(each) for each in value]}
    raise TypeError(f"{type(value).__name__} cannot be stored in DynamoDB")


def to_item(attributes: Mapping[str, Any]) -> dict[str, Typed]:
    """Every attribute typed; the shape PutItem takes."""
    return {name: to_value(value) for name, value in attributes.items()}


def from_value(typed: Typed) -> Any:
    """The Python value of one typed value. Sets come back as sorted lists, binaries as bytes."""
    kind, value = next(iter(typed.items()))
    read = _READERS.get(kind)
    return read(value) if read else value


def from_item(item: Mapping[str, Typed]) -> dict[str, Any]:
    """Plain attributes of an item or a stream image."""
    return {name: from_value(typed) for name, typed in item.items()}


def _number(text: str) -> int | Decimal:
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else number


_READERS: dict[str, Callable[[Any], Any]] = {
    "NULL": lambda _: None,
    "N": _number,
    "M": from_item,
    "L": lambda values: [from_value(each) for each in values],
    "NS": lambda values: sorted(_number(each) for each in values),
    "SS": sorted,
    "BS": sorted,
}
