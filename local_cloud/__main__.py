"""`python -m local_cloud up|down|reset|status`."""

from __future__ import annotations

import argparse
import sys

from local_cloud import commands, settings


def main(arguments: list[str]) -> int:
    """Runs one command; returns the process's exit status."""
    parser = argparse.ArgumentParser(prog="python -m local_cloud", description="AWS on this machine, offline.")
    subcommands = parser.add_subparsers(dest="command", required=True)
    up = subcommands.add_parser("up", help="start it and apply envs/local")
    up.add_argument("--no-apply", action="store_true", help="start it only")
    subcommands.add_parser("down", help="stop it and keep its state")
    subcommands.add_parser("reset", help="empty it")
    subcommands.add_parser("status", help="say whether it runs, and where")
    chosen = parser.parse_args(arguments)
    try:
        return _run(chosen)
    except commands.CannotRun as error:
        print(f"local cloud: {error}", file=sys.stderr)
        return 1


def _run(chosen: argparse.Namespace) -> int:
    where = settings.from_environment()
    if chosen.command == "up":
        commands.up(where, apply=not chosen.no_apply)
    elif chosen.command == "down":
        commands.down(where)
    elif chosen.command == "reset":
        commands.reset(where)
    elif chosen.command == "status":
        return 0 if commands.status(where) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
