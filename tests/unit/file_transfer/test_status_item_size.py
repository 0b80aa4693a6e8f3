"""A settled item of two targets costs one write unit: 1,024 bytes by DynamoDB's rules."""

from __future__ import annotations

from typing import Any

from tests.unit.file_transfer import history

#: Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats".
WRITE_UNIT = 1024


def value_size(value: Any) -> int:
    """Bytes of one value: UTF-8 text, digits in pairs plus one, one for a flag, 3 + 1 an element for lists and maps."""
    if isinstance(value, bool) or value is None:
        return 1
    if isinstance(value, int):
        return (len(str(abs(value))) + 1) // 2 + 1 + (value < 0)
    if isinstance(value, dict):
        return 3 + sum(1 + len(name.encode()) + value_size(each) for name, each in value.items())
    if isinstance(value, list):
        return 3 + sum(1 + value_size(each) for each in value)
    return len(str(value).encode())


def item_size(item: dict[str, Any]) -> int:
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def test_every_write_of_a_delivered_file_fits_one_write_unit() -> None:
    (_, claimed), (_, done) = history.success()
    assert max(item_size(claimed), item_size(done)) <= WRITE_UNIT
