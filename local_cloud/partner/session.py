"""The partner's folder as the partner sees it: what arrived, and what it has ready to be fetched."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Partner:
    """Paths are those that a connector uses, from `/` on."""

    url: str
    host_key: str
    folder: Path

    def make(self, path: str) -> None:
        """Makes a folder, and those above it."""
        self._place(path).mkdir(parents=True, exist_ok=True)

    def put(self, path: str, content: bytes) -> None:
        """Lays a file out, in a folder that is made if need be; it appears whole."""
        place = self._place(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        unseen = self.folder.with_name(f"{self.folder.name}-unseen")
        unseen.write_bytes(content)
        unseen.replace(place)

    def get(self, path: str) -> bytes:
        """What a file holds."""
        return self._place(path).read_bytes()

    def exists(self, path: str) -> bool:
        """Whether there is a file or folder."""
        return self._place(path).exists()

    def list(self, path: str = "/") -> list[str]:
        """Names in a folder, sorted; none when there is no such folder."""
        place = self._place(path)
        return sorted(entry.name for entry in place.iterdir()) if place.is_dir() else []

    def remove(self, path: str) -> None:
        """Takes a file away."""
        self._place(path).unlink()

    def age(self, path: str, seconds: float) -> None:
        """Makes a file look as if it had last been written so long ago."""
        then = time.time() - seconds
        os.utime(self._place(path), (then, then))

    def clear(self) -> None:
        """Empties the folder."""
        for entry in self.folder.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def _place(self, path: str) -> Path:
        return self.folder / path.lstrip("/")
