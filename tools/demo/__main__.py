"""Start the local cloud if need be, tell a story, and leave things as they were found.

python -m tools.demo                      file transfer
python -m tools.demo disaster-recovery    a drill in three waves
"""

from __future__ import annotations

import os
import subprocess
import sys

from rich.console import Console

from local_cloud import settings
from local_cloud.session import LocalCloud
from tools.demo.recovery import RecoveryStory
from tools.demo.show import Screen
from tools.demo.story import Story

STORIES: dict[str, tuple[str, type[Story] | type[RecoveryStory]]] = {
    "file-transfer": ("Towpath: files from a bank, delivered on one machine", Story),
    "disaster-recovery": ("Towpath: a recovery plan, rehearsed and drilled on one machine", RecoveryStory),
}

LOG_WIDTH = 140
"""Columns when the output goes to a file: the tables' own widths, not those of a terminal that is not there."""


def main() -> int:
    """Returns the exit code: 0 when every act ended as announced, 1 otherwise."""
    title, story = STORIES[sys.argv[1] if len(sys.argv) > 1 else "file-transfer"]
    target = "demo" if story is Story else "demo-dr"
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=LOG_WIDTH)
    screen = Screen(console)
    was_running = _local_cloud("status", quiet=True) == 0
    screen.title(title)
    screen.say("The local cloud takes the real Terraform and runs the real handlers and state machines.\n")
    if _local_cloud("up") != 0:
        screen.say("The local cloud did not start; its log is build/local/server.log.")
        return 1
    try:
        surprises = story(LocalCloud.load(settings.from_environment().state_dir), screen).tell()
    finally:
        if was_running or os.environ.get("KEEP"):
            screen.say("\nThe local cloud still runs: `make status` says where, `make down` stops it.")
        else:
            _local_cloud("down")
            screen.say(f"\nNothing is left running. `make {target} KEEP=1` leaves the local cloud up to look around.")
    for surprise in surprises:
        screen.say(f"[red]Not as announced: {surprise}[/red]")
    return 1 if surprises else 0


def _local_cloud(command: str, quiet: bool = False) -> int:
    output = subprocess.DEVNULL if quiet else None
    command_line = [sys.executable, "-m", "local_cloud", command]
    return subprocess.run(command_line, check=False, stdout=output, stderr=output).returncode


if __name__ == "__main__":
    sys.exit(main())
