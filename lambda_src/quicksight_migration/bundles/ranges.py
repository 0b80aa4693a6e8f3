"""An object of S3 as a file that can be read from anywhere, with one block of it in memory."""

from __future__ import annotations

import io
from collections.abc import Callable

BLOCK = 4 * 1024 * 1024


class RangeFile(io.RawIOBase):
    """`fetch(start, end)` returns the bytes from start up to but not including end."""

    def __init__(self, size: int, fetch: Callable[[int, int], bytes], block: int = BLOCK) -> None:
        super().__init__()
        self._size, self._fetch, self._block = size, fetch, block
        self._position = 0
        self._held: tuple[int, bytes] = (0, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        wanted = min(len(buffer), self._size - self._position)
        if wanted <= 0:
            return 0
        start, held = self._held
        if not start <= self._position < start + len(held):
            start = self._position - self._position % self._block
            held = self._fetch(start, min(start + self._block, self._size))
            self._held = (start, held)
        offset = self._position - start
        piece = held[offset : offset + wanted]
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)
