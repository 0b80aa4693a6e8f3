"""A local cloud of the benchmark's own: other ports, other state folder, nothing of it left running."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local_cloud.ports import free_port
from local_cloud.session import LocalCloud
from tools.paths import BUILD

STATE_DIR = BUILD / "benchmark"


@contextmanager
def running(state_dir: Path = STATE_DIR) -> Iterator[LocalCloud]:
    """A fresh local cloud with the file transfer stack applied; stopped at the end, whatever happened.

    Raises subprocess.CalledProcessError when it does not start; the command has said why.
    """
    environment = {
        **os.environ,
        "TOWPATH_PORT": str(free_port()),
        "TOWPATH_SFTP_PORT": str(free_port()),
        "TOWPATH_PARTNER_PORT": str(free_port()),
        "TOWPATH_STATE_DIR": str(state_dir),
        "TOWPATH_STACKS": "file-transfer",
    }
    shutil.rmtree(state_dir, ignore_errors=True)
    try:
        _command("up", environment)
        yield LocalCloud.load(state_dir)
    finally:
        _command("down", environment)


def _command(command: str, environment: dict[str, str]) -> None:
    subprocess.run([sys.executable, "-m", "local_cloud", command], env=environment, check=True)
