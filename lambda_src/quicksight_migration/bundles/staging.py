"""Bundles into the staging bucket of the target account: read with our credentials, written with those of its role.

QuickSight imports from a bucket of its own account. What the plan leaves out is left out on the way, entry by entry.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import IO, cast

from quicksight_migration.assets.bundle_file import held_assets, without
from quicksight_migration.assets.types import Asset
from quicksight_migration.bundles.storage import Bucket
from quicksight_migration.bundles.upload import BundleDamaged, Upload


@dataclass(frozen=True)
class Staging:
    """`files` is the bundle bucket, `target` the staging bucket."""

    files: Bucket
    target: Bucket

    def held(self, key: str) -> set[Asset]:
        """The assets of a bundle, one document of it in memory at a time. Raises BundleUnreadable."""
        with self.files.open(key) as source:
            return held_assets(source)

    def stage(self, key: str, sha256: str, staged: str, left_out: Collection[Asset] = ()) -> str:
        """The S3 URI of the staged bundle. Raises BundleDamaged when it is not the one whose SHA-256 was recorded."""
        if left_out:
            self._stage_without(key, sha256, staged, left_out)
        else:
            self.target.write(staged, self.files.pieces(key), sha256)
        return f"s3://{self.target.name}/{staged}"

    def _stage_without(self, key: str, sha256: str, staged: str, left_out: Collection[Asset]) -> None:
        found = self.files.digest(key)
        if found.sha256 != sha256:
            raise BundleDamaged(f"{key} has the SHA-256 {found.sha256} where {sha256} was recorded")
        upload = Upload(self.target, staged)
        try:
            with self.files.open(key) as source:
                out = io.BufferedWriter(cast("io.RawIOBase", _Written(upload.add)))
                without(source, left_out, cast("IO[bytes]", out))
                out.flush()
            upload.finish()
        except BaseException:
            upload.abort()
            raise


class _Written(io.RawIOBase):
    """A file that can only be written to its end; zipfile does without going back."""

    def __init__(self, add: Callable[[bytes], None]) -> None:
        super().__init__()
        self._add = add

    def writable(self) -> bool:
        return True

    def write(self, data: bytes | memoryview) -> int:  # type: ignore[override]
        piece = bytes(data)
        self._add(piece)
        return len(piece)
