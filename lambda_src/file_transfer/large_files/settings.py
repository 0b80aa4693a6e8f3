"""What the module file-transfer-large-files tells its functions."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from file_transfer.settings import FIVE_GIB, MIB, WatchedBucket
from shared.settings import json_value, text, whole_number


@dataclass(frozen=True)
class LargeFileSettings:
    """A table's name, bytes and counts. `batch_parts`: parts that one invocation copies."""

    control_table: str = "FileTransferControl"
    part_bytes: int = 256 * MIB
    batch_parts: int = 100
    max_copy_bytes: int = 10_000 * FIVE_GIB
    upload_days: int = 7
    watched: WatchedBucket = field(default_factory=WatchedBucket)


def read_settings(environ: Mapping[str, str] | None = None) -> LargeFileSettings:
    """Settings of this worker. Raises SettingError naming the variable that cannot be read."""
    env = os.environ if environ is None else environ
    plain = LargeFileSettings()
    return LargeFileSettings(
        control_table=text(env, "CONTROL_TABLE", plain.control_table),
        part_bytes=whole_number(env, "PART_BYTES", plain.part_bytes),
        batch_parts=whole_number(env, "BATCH_PARTS", plain.batch_parts),
        max_copy_bytes=whole_number(env, "MAX_COPY_BYTES", plain.max_copy_bytes),
        upload_days=whole_number(env, "UPLOAD_DAYS", plain.upload_days),
        watched=WatchedBucket(text(env, "SOURCE_BUCKET", ""), tuple(json_value(env, "SOURCE_PREFIXES", []))),
    )
