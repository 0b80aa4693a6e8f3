"""Start the local cloud if need be, tell a story, and leave things as they were found.

python -m tools.demo                      file transfer
python -m tools.demo disaster-recovery    a drill in three waves
python -m tools.demo quicksight-migration a dashboard promoted between accounts
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass

from rich.console import Console

from local_cloud import settings
from local_cloud.session import LocalCloud
from tools.demo.migration import MigrationStory
from tools.demo.recovery import RecoveryStory
from tools.demo.show import Screen
from tools.demo.story import Story


@dataclass(frozen=True)
class Telling:
    """A story with its title and the make target that tells it."""

    title: str
    target: str
    story: type[Story | RecoveryStory | MigrationStory]


STORIES = {
    "file-transfer": Telling("Towpath: files from a bank, delivered on one machine", "demo", Story),
    "disaster-recovery": Telling(
        "Towpath: a recovery plan, rehearsed and drilled on one machine", "demo-dr", RecoveryStory
    ),
    "quicksight-migration": Telling(
        "Towpath: a dashboard promoted between accounts on one machine", "demo-quicksight", MigrationStory
    ),
}

LOG_WIDTH = 140
"""Columns when the output goes to a file: the tables' own widths, not those of a terminal that is not there."""


def main() -> int:
    """Returns the exit code: 0 when every act ended as announced, 1 otherwise."""
    system = sys.argv[1] if len(sys.argv) > 1 else "file-transfer"
    telling = STORIES[system]
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=LOG_WIDTH)
    screen = Screen(console)
    was_running = _local_cloud("status", quiet=True) == 0
    screen.title(telling.title)
    screen.say("The local cloud takes the real Terraform and runs the real handlers and state machines.\n")
    # What the story is about is enough, unless somebody works with more.
    os.environ.setdefault("TOWPATH_STACKS", "" if was_running else system)
    if _local_cloud("up") != 0:
        screen.say("The local cloud did not start; its log is build/local/server.log.")
        return 1
    try:
        surprises = telling.story(LocalCloud.load(settings.from_environment().state_dir), screen).tell()
    finally:
        if was_running or os.environ.get("KEEP"):
            screen.say("\nThe local cloud still runs: `make status` says where, `make down` stops it.")
        else:
            _local_cloud("down")
            screen.say(
                f"\nNothing is left running. `make {telling.target} KEEP=1` leaves the local cloud up to look around."
            )
    for surprise in surprises:
        screen.say(f"[red]Not as announced: {surprise}[/red]")
    return 1 if surprises else 0


def _local_cloud(command: str, quiet: bool = False) -> int:
    output = subprocess.DEVNULL if quiet else None
    command_line = [sys.executable, "-m", "local_cloud", command]
    return subprocess.run(command_line, check=False, stdout=output, stderr=output).returncode


if __name__ == "__main__":
    sys.exit(main())
