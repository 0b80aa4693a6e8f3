"""What every system's store of records can do; RecordTable and RecordMemory bring the primitives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TypeVar

from shared.errors import LostRace
from shared.records import Item, Key, Record

R = TypeVar("R", bound=Record)


class RecordStore(ABC):
    """One table of records."""

    @abstractmethod
    def read(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """The items that exist, as they are now (strongly consistent)."""

    @abstractmethod
    def query(self, partition: str, prefix: str, after: str = "") -> list[Item]:
        """All items of a partition whose sort key begins with the prefix and is greater than `after`, in order."""

    @abstractmethod
    def write(self, records: Sequence[Record], unchanged: Sequence[Record] = ()) -> bool:
        """Puts records if each is at the revision before, and each of `unchanged` still at its own: all or none.

        Up to 100 together. False when one of them was changed by somebody else.
        """

    def save(self, *records: Record, unchanged: Sequence[Record] = ()) -> bool:
        """All of the records or none: False when somebody else changed one of them since it was read.

        `unchanged` are not written but must be as they were read.
        """
        return self.write(records, unchanged)

    def save_or_lose(self, *records: Record, unchanged: Sequence[Record] = ()) -> None:
        """As save, but raises LostRace instead of answering."""
        if not self.write(records, unchanged):
            raise LostRace(f"{records[0].key} was changed by somebody else")

    def _one(self, kind: type[R], key: Key) -> R | None:
        found = self.read([key])
        return kind.from_item(found[key]) if key in found else None
