"""`towpath`: the root command."""

from __future__ import annotations

import click

from towpath import __version__
from towpath.application import Root
from towpath.commands_contexts import context
from towpath.commands_sign_in import completion, login, logout, whoami
from towpath.quicksight.commands import quicksight
from towpath.recovery.commands import drs
from towpath.transfers.commands import GROUPS as FILE_TRANSFER


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="towpath")
def cli() -> None:
    """Operate the systems of Towpath: file transfer, disaster recovery and QuickSight migration.

    Exit codes: 0 done, 1 failed, 2 wrong usage or invalid input, 3 conflict, 4 not permitted, 5 not found,
    6 no answer, 7 ended partial or needs attention, 8 cancelled or rejected.
    """


for command in (*FILE_TRANSFER, drs, quicksight, context, login, logout, whoami, completion):
    cli.add_command(command)


def main() -> None:
    """Entry point of the console script."""
    cli(prog_name="towpath")
