"""`towpath login`, `logout`, `whoami` and `completion`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any

import click
from click.shell_completion import get_completion_class

from shared.clock import stamp
from towpath.application import Command, pass_session
from towpath.contexts import DRS, SYSTEMS
from towpath.errors import Invalid
from towpath.output import moment
from towpath.session import Session
from towpath.sign_in import claims

GROUPS_CLAIM = "cognito:groups"


of_system = click.option(
    "--system",
    type=click.Choice(SYSTEMS),
    default=DRS,
    show_default=True,
    expose_value=False,
    callback=lambda context, _, value: setattr(context.ensure_object(Session), "system", value),
    help="Whose users these are: each system with an API has its own.",
)


@click.command("login", cls=Command)
@of_system
@click.option("--username", prompt="User name", help="Asked for when it is not given.")
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input: it never stands on a command line."
)
@pass_session
def login(session: Session, username: str, password_stdin: bool) -> None:
    """Sign in to the system's user pool; the token is kept for the next commands."""
    sign_in = session.sign_in
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, err=True)
    tokens = sign_in.login(
        username, password, lambda text, secret: str(click.prompt(text, hide_input=secret, err=True))
    )
    session.output.say(f"Signed in as {username} until {_until(tokens.expires_at)} UTC.")


@click.command("logout", cls=Command)
@of_system
@pass_session
def logout(session: Session) -> None:
    """Forget the token."""
    was = session.sign_in.cache.forget()
    session.output.say("Signed out." if was else "Nobody was signed in.")


@click.command("whoami", cls=Command)
@of_system
@pass_session
def whoami(session: Session) -> None:
    """Show who the API, or AWS, takes you for."""
    context = session.context
    if (context.via or ("api" if context.api_url else "aws")) == "api":
        said = claims(session.sign_in.token())
        who: dict[str, Any] = {
            "via": "api",
            "user": said.get("email") or said.get("cognito:username") or said.get("sub"),
            "groups": said.get(GROUPS_CLAIM, []),
            "signed in until": _until(float(said["exp"])),
        }
    else:
        identity = session.client("sts").get_caller_identity()
        who = {"via": "aws", "user": identity["Arn"], "account": identity["Account"]}
    session.output.show(who, lambda: session.output.fields("Who", who))


@click.command("completion", cls=Command)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print what makes a shell complete commands: eval "$(towpath completion bash)"."""
    found = get_completion_class(shell)
    if found is None:
        raise Invalid(f"{shell} is not known")
    root = ctx.find_root()
    click.echo(found(root.command, {}, "towpath", "_TOWPATH_COMPLETE").source())


def _ask(text: str, secret: bool) -> str:
    return str(click.prompt(text, hide_input=secret, err=True))


def _until(seconds: float) -> str:
    return moment(stamp(datetime.fromtimestamp(seconds, UTC)))
