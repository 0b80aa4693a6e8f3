"""A story told with the commands that a person would type."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

from local_cloud.session import LocalCloud
from tools.demo.show import Screen
from tools.paths import ROOT

TOWPATH = ROOT / ".venv" / "bin" / "towpath"
WAIT_SECONDS = 60


class CommandStory:
    """Runs `towpath` against the local cloud and collects what did not end as announced."""

    def __init__(self, cloud: LocalCloud, screen: Screen) -> None:
        self._cloud = cloud
        self._screen = screen
        self._surprises: list[str] = []

    def _towpath(self, *arguments: str, code: int = 0) -> None:
        self._screen.command(["towpath", *arguments])
        done = subprocess.run([TOWPATH, "--context", "local", *arguments], cwd=ROOT, check=False)
        if done.returncode != code:
            self._surprises.append(f"`towpath {' '.join(arguments)}` ended with {done.returncode}, not {code}")

    def _until(self, is_so: Callable[[], bool], otherwise: str) -> bool:
        """Waits for a while; notes `otherwise` and returns False when it does not come true."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not is_so():
            if time.monotonic() > deadline:
                self._surprises.append(otherwise)
                return False
            time.sleep(0.5)
        return True
