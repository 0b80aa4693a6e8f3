"""Click, with the options that every command takes wherever they stand, and errors that say what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import click
from botocore.exceptions import BotoCoreError, ClientError
from click.core import ParameterSource

from shared.errors import TowpathError
from towpath.errors import CliError, of_aws
from towpath.session import Session

F = TypeVar("F")
pass_session = click.make_pass_decorator(Session, ensure=True)


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Notes an option of the command line or the environment; a later one wins over an earlier one."""
    session = context.ensure_object(Session)
    name = str(parameter.name)
    if context.get_parameter_source(name) in (ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP) or value is None:
        return
    if name == "as_json":
        session.as_json = True
    elif name == "context_name":
        session.context_name = value
    else:
        session.overrides[name] = value
        if name == "api_url":
            session.overrides.setdefault("via", "api")


def _option(*names: str, help: str, **settings: Any) -> click.Option:
    return click.Option(list(names), callback=_remember, expose_value=False, help=help, **settings)


def _complete_context(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    names = ["local", *Session().context_file.names()]
    return sorted({name for name in names if name.startswith(incomplete)})


def global_options(hidden: bool) -> list[click.Option]:
    """Options of every command. Only the root shows them in its help and reads their variables: further down they would
    win over what was said before.
    """

    def variable(name: str) -> str | None:
        return None if hidden else name

    return [
        _option("--json", "as_json", is_flag=True, hidden=hidden, help="Print JSON instead of tables."),
        _option(
            "--context",
            "context_name",
            metavar="NAME",
            envvar=variable("TOWPATH_CONTEXT"),
            hidden=hidden,
            shell_complete=_complete_context,
            help="The context to use; `local` is the local cloud.",
        ),
        _option("--api-url", metavar="URL", envvar=variable("TOWPATH_API_URL"), hidden=hidden, help="URL of the API."),
        _option(
            "--via",
            type=click.Choice(["api", "aws"]),
            envvar=variable("TOWPATH_VIA"),
            hidden=hidden,
            help="Over the HTTP API, or straight over AWS credentials.",
        ),
        _option("--profile", metavar="NAME", hidden=hidden, help="AWS profile."),
        _option("--region", metavar="REGION", hidden=hidden, help="AWS Region."),
        _option("--endpoint-url", metavar="URL", hidden=hidden, help="Endpoint of all AWS services."),
    ]


class Command(click.Command):
    """A command that takes the global options too."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.params += global_options(hidden=True)


class Group(click.Group):
    """A group of such commands; `aliases` are other names of them."""

    command_class = Command

    is_root = False

    def __init__(self, *arguments: Any, aliases: Mapping[str, str] | None = None, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.params += global_options(hidden=not self.is_root)
        self.aliases = dict(aliases or {})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, self.aliases.get(cmd_name, cmd_name))


Group.group_class = Group


class Root(Group):
    """The root: shows the global options, and gives every error its exit code."""

    is_root = True

    def invoke(self, ctx: click.Context) -> Any:
        session = ctx.ensure_object(Session)
        try:
            return super().invoke(ctx)
        except CliError as error:
            error.as_json = session.as_json
            raise
        except (TowpathError, ClientError, BotoCoreError) as error:
            known = of_aws(error)
            known.as_json = session.as_json
            raise known from error
