"""The environment variables of the functions of file-transfer-audit, read once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from shared.settings import text, whole_number


@dataclass(frozen=True)
class ArchiveSettings:
    """`seal_after_seconds`: how long after its end an hour is sealed; longer than an export may live."""

    bucket: str = ""
    seal_after_seconds: int = 900


def read_settings(environ: Mapping[str, str] | None = None) -> ArchiveSettings:
    """Settings of this worker. Raises SettingError naming the variable that cannot be read."""
    env = os.environ if environ is None else environ
    plain = ArchiveSettings()
    return ArchiveSettings(
        bucket=text(env, "AUDIT_BUCKET", plain.bucket),
        seal_after_seconds=whole_number(env, "SEAL_AFTER_SECONDS", plain.seal_after_seconds),
    )
