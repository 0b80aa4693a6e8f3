"""What all records share: a key, a revision, and one way from a dataclass to an item and back.

Every write of a record is a conditional put of the whole of it: `revision` must be one more than what is stored. So a
replay, a second worker or one that comes back to life finds that it has lost, and changes nothing.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple, Self, TypeVar

#: TransactWriteItems takes at most 100 items (Amazon DynamoDB API Reference).
MAX_WRITES = 100

Item = dict[str, Any]
Cursor = Mapping[str, Any]
Any_Record = TypeVar("Any_Record", bound="Record")


class Key(NamedTuple):
    """Partition and sort key. The sort key's attribute is `record`; the table names the partition's."""

    partition: str
    record: str


class Index(NamedTuple):
    """An index of the table, with the attributes of its key."""

    name: str
    partition: str
    sort: str


@dataclasses.dataclass(frozen=True)
class Page:
    """A page of an index, with what the index projects. `cursor` is None on the last page."""

    items: tuple[Item, ...]
    cursor: Cursor | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Part:
    """A value inside a record."""

    def to_item(self) -> Item:
        """Attributes in camelCase; None is left out, parts become maps."""
        pairs = ((attribute(field.name), getattr(self, field.name)) for field in dataclasses.fields(self))
        return {name: _plain(value) for name, value in pairs if value is not None}

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """The part of an item; attributes that a newer version added are ignored."""
        values: Item = {}
        for field in dataclasses.fields(cls):
            if attribute(field.name) in item:
                value, part = item[attribute(field.name)], field.metadata.get("part")
                values[field.name] = part.from_item(value) if part else _frozen(value)
        return cls(**values)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Record(Part):
    """An item. `revision` 1 is a record that must not exist yet."""

    revision: int = 1

    @property
    def partition(self) -> str:
        """Value of the partition key."""
        raise NotImplementedError

    @property
    def sort_key(self) -> str:
        """The attribute `record`."""
        raise NotImplementedError

    @property
    def key(self) -> Key:
        """Where the record is stored."""
        return Key(self.partition, self.sort_key)

    def to_item(self) -> Item:
        """The whole item, keys included."""
        return {**super().to_item(), "record": self.sort_key}


def changed(record: Any_Record, **changes: Any) -> Any_Record:
    """The record with changes and the next revision, ready to be saved. Raise it once a save, not once a change."""
    return dataclasses.replace(record, revision=record.revision + 1, **changes)


def part(kind: type[Part]) -> Any:
    """A field that holds a part, or None."""
    return dataclasses.field(default=None, metadata={"part": kind})


def checked_cursor(cursor: Cursor, index: Index, partition: str, value: str) -> dict[str, str]:
    """A cursor of this list, with exactly its members. Raises ValueError otherwise."""
    names = (partition, "record", index.partition, index.sort)
    if set(cursor) != set(names) or cursor[index.partition] != value:
        raise ValueError("the cursor belongs to another list")
    return {name: str(cursor[name]) for name in names}


@cache
def attribute(name: str) -> str:
    """`source_server_id` → `sourceServerId`."""
    return re.sub(r"_([a-z0-9])", lambda match: match.group(1).upper(), name)


def _plain(value: Any) -> Any:
    if isinstance(value, Part):
        return value.to_item()
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
