"""The environment variables of Prepare File, read once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from shared.settings import text, whole_number

GIB = 1024**3


@dataclass(frozen=True)
class Settings:
    """Names, limits in bytes, seconds. `max_file_bytes`: of a file that is opened, and of what comes out of it."""

    workflow_table: str = "WorkflowDefinition"
    control_table: str = "FileTransferControl"
    work_bucket: str = ""
    queue_url: str = ""
    max_file_bytes: int = GIB
    release_delay_seconds: int = 5


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings of this worker. Raises SettingError naming the variable that cannot be read."""
    env = os.environ if environ is None else environ
    plain = Settings()
    return Settings(
        workflow_table=text(env, "WORKFLOW_TABLE", plain.workflow_table),
        control_table=text(env, "CONTROL_TABLE", plain.control_table),
        work_bucket=text(env, "WORK_BUCKET"),
        queue_url=text(env, "QUEUE_URL"),
        max_file_bytes=whole_number(env, "MAX_FILE_BYTES", plain.max_file_bytes),
        release_delay_seconds=whole_number(env, "RELEASE_DELAY_SECONDS", plain.release_delay_seconds),
    )
