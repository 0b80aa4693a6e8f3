"""What a DynamoDB request costs, from the real sizes of the items and index entries that it touches.

ministack counts one unit an item. Rules: DynamoDB developer guide, "Read and write operations" and "Global secondary
indexes: write considerations": a write unit per started KB of the larger of the old and the new item, the same for each
index entry that changes, twice when its key changes; a read unit per started 4 KB, half of it when eventually
consistent; transactions cost double.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from ministack.services import dynamodb

from local_cloud.symbols import PatchedSymbol

_MODULE = "ministack.services.dynamodb"
SYMBOLS = (
    PatchedSymbol(_MODULE, "_emit_stream_event", "8568d0446f26eaba"),
    PatchedSymbol(_MODULE, "_paginate_evaluated_items", "d70cfb58e3a279c9"),
    PatchedSymbol(_MODULE, "_item_size_bytes", "9be41cc11f947cde"),
    PatchedSymbol(_MODULE, "_extract_key_val", "faaaf17a7c3923b4"),
)
Item = dict[str, Any]
_WRITE_BYTES, _READ_BYTES = 1024, 4096


@dataclass
class Meter:
    """What one request wrote and read."""

    written: list[tuple[str, Item, Item]] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)


_meter: ContextVar[Meter | None] = ContextVar("towpath_dynamodb_meter", default=None)


def install() -> None:
    """Counts at the two places that every write and every Query or Scan passes."""
    emit: Callable[..., Any] = dynamodb._emit_stream_event
    paginate: Callable[..., tuple[list[Item], bool]] = dynamodb._paginate_evaluated_items

    def emit_and_count(table: str, event: str, old: Item | None, new: Item | None, *rest: Any, **more: Any) -> Any:
        if (meter := _meter.get()) is not None:
            meter.written.append((table, dict(old or {}), dict(new or {})))
        return emit(table, event, old, new, *rest, **more)

    def paginate_and_count(items: Any, limit: Any, table: Any, index_name: str | None = None) -> Any:
        page, stopped = paginate(items, limit, table, index_name)
        if (meter := _meter.get()) is not None:
            entries = (projected(item, table, index(table, index_name)) if index_name else item for item in page)
            meter.pages.append(sum(map(size, entries)))
        return page, stopped

    dynamodb._emit_stream_event = emit_and_count
    dynamodb._paginate_evaluated_items = paginate_and_count


def start() -> Meter:
    """Begins to count for the request that the current task serves."""
    meter = Meter()
    _meter.set(meter)
    return meter


def units(operation: str, body: bytes, error: str | None, meter: Meter) -> tuple[float, float]:
    """Write and read units of a request that has been served; `error` is the code with which it was refused."""
    try:
        request = json.loads(body)
    except ValueError:
        return 0, 0
    return write_units(operation, request, error, meter), 0 if error else read_units(operation, request, meter)


def write_units(operation: str, request: dict[str, Any], error: str | None, meter: Meter) -> float:
    """Units of what was written; a write that a condition refused costs as much as the item that is there."""
    double = 2 if operation == "TransactWriteItems" else 1
    if meter.written and not error:
        return double * sum(units_of_write(*write) for write in meter.written)
    if error not in (None, "ConditionalCheckFailedException", "TransactionCanceledException"):
        return 0
    return double * sum(
        write_blocks(size(stored(one["TableName"], key_of(one)))) for one in _writes(operation, request)
    )


def _writes(operation: str, request: dict[str, Any]) -> list[dict[str, Any]]:
    """The single-item writes that a request consists of."""
    if operation in ("PutItem", "UpdateItem", "DeleteItem"):
        return [request]
    if operation == "TransactWriteItems":
        return [write for entry in request.get("TransactItems") or [] for write in entry.values()]
    return []


def key_of(write: dict[str, Any]) -> Item:
    """The attributes of a write that hold its key."""
    found: Item = write.get("Key") or write.get("Item") or {}
    return found


def units_of_write(table_name: str, old: Item, new: Item) -> int:
    """Units of one write to a table and its indexes."""
    table = dynamodb._tables.get(table_name) or {}
    entries = (
        (index_entry(old, table, one), index_entry(new, table, one), index_key(one))
        for one in table.get("GlobalSecondaryIndexes") or []
    )
    return write_blocks(max(size(old), size(new))) + sum(units_of_entry(*entry) for entry in entries)


def units_of_entry(old: Item, new: Item, key: list[str]) -> int:
    """Units of the change of one index entry; an empty one is not in the index."""
    if old == new:
        return 0
    if not old or not new or all(old[name] == new[name] for name in key):
        return write_blocks(max(size(old), size(new)))
    return write_blocks(size(old)) + write_blocks(size(new))


def index(table: dict[str, Any], name: str | None) -> dict[str, Any]:
    """The definition of an index."""
    indexes = (table.get("GlobalSecondaryIndexes") or []) + (table.get("LocalSecondaryIndexes") or [])
    return next((one for one in indexes if one["IndexName"] == name), {})


def index_key(one: dict[str, Any]) -> list[str]:
    """Names of an index's key attributes."""
    return [str(part["AttributeName"]) for part in one.get("KeySchema", [])]


def index_entry(item: Item, table: dict[str, Any], one: dict[str, Any]) -> Item:
    """An item's entry in an index; empty when the item lacks part of the index's key."""
    return projected(item, table, one) if item and all(name in item for name in index_key(one)) else {}


def projected(item: Item, table: dict[str, Any], one: dict[str, Any]) -> Item:
    """Those attributes of an item that an index holds."""
    projection = one.get("Projection") or {}
    if projection.get("ProjectionType", "ALL") == "ALL":
        return item
    keys = [table.get("pk_name"), table.get("sk_name"), *index_key(one)]
    wanted = {*keys, *projection.get("NonKeyAttributes", [])}
    return {name: value for name, value in item.items() if name in wanted}


def read_units(operation: str, request: dict[str, Any], meter: Meter) -> float:
    """Units of what was read."""
    if operation in ("Query", "Scan"):
        return sum(map(read_blocks, meter.pages)) * _rate(request)
    if operation == "GetItem":
        return read_blocks(size(stored(request.get("TableName", ""), request.get("Key") or {}))) * _rate(request)
    if operation == "BatchGetItem":
        return sum(
            read_blocks(size(stored(table, key))) * _rate(wanted)
            for table, wanted in (request.get("RequestItems") or {}).items()
            for key in wanted.get("Keys") or []
        )
    if operation == "TransactGetItems":
        gets: Iterable[dict[str, Any]] = (entry["Get"] for entry in request.get("TransactItems") or [])
        return sum(2.0 * read_blocks(size(stored(get["TableName"], get["Key"]))) for get in gets)
    return 0


def stored(table_name: str, key: Item) -> Item:
    """The item with these key attributes (others are ignored), or an empty one."""
    table = dynamodb._tables.get(table_name.rpartition("/")[2])
    if not table or table["pk_name"] not in key:
        return {}
    part = dynamodb._extract_key_val(key[table["pk_name"]])
    sort = dynamodb._extract_key_val(key.get(table["sk_name"])) if table["sk_name"] else "__no_sort__"
    found: Item = table["items"].get(part, {}).get(sort) or {}
    return found


def size(item: Item) -> int:
    """Bytes of an item: names and values, as DynamoDB counts them."""
    counted: int = dynamodb._item_size_bytes(item)
    return counted


def write_blocks(item_bytes: int) -> int:
    """Write units of so many bytes; one at least."""
    return max(1, ceil(item_bytes / _WRITE_BYTES))


def read_blocks(item_bytes: int) -> int:
    """Strongly consistent read units of so many bytes; one at least."""
    return max(1, ceil(item_bytes / _READ_BYTES))


def _rate(request: dict[str, Any]) -> float:
    return 1.0 if request.get("ConsistentRead") else 0.5
