"""How a large file is divided: the ranges of a multipart copy.

Limits (Amazon S3 User Guide, "Multipart upload limits"): 10,000 parts, each of 5 MiB to 5 GiB, the last may be smaller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MIB = 1024**2
MOST_PARTS = 10_000


@dataclass(frozen=True)
class Parts:
    """Parts of equal size, numbered from 1; the last holds what is left."""

    size: int
    part_bytes: int

    @property
    def numbers(self) -> range:
        """The numbers of all parts."""
        return range(1, -(-self.size // self.part_bytes) + 1)

    def range_of(self, number: int) -> str:
        """A part's bytes in the source, as UploadPartCopy wants them: `bytes=<first>-<last>`."""
        first = (number - 1) * self.part_bytes
        return f"bytes={first}-{min(first + self.part_bytes, self.size) - 1}"


def divide(size: int, part_bytes: int) -> Parts:
    """Parts of the wished size; larger ones, in whole MiB, where there would be too many."""
    smallest = -(-size // MOST_PARTS)
    return Parts(size, part_bytes if smallest <= part_bytes else -(-smallest // MIB) * MIB)


def batches(numbers: Sequence[int], at_most: int) -> list[dict[str, int]]:
    """The numbers in order as ranges `{"first", "last"}`, each over at most so many of them.

    A range may span numbers that are not among them: whoever works on it looks what is there already.
    """
    cut = [numbers[start : start + at_most] for start in range(0, len(numbers), at_most)]
    return [{"first": each[0], "last": each[-1]} for each in cut]
