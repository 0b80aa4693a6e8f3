"""What can go wrong, what to do about it, and the exit code that a script sees."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import IO, Any, ClassVar

import click
from botocore.exceptions import (
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    TokenRetrievalError,
)
from rich.console import Console
from rich.markup import escape

from disaster_recovery.errors import PlanInvalid, StaleToken, WrongState
from shared.aws_errors import classify
from shared.errors import NotFound, PermissionDenied, Throttled, Timeout, TowpathError, Transient, ValidationFailed


class CliError(click.ClickException):
    """An error with the next step in it. Exit code 1: the operation failed.

    `members` are those of the answer that some kinds of problems have.
    """

    exit_code: ClassVar[int] = 1
    kind: ClassVar[str] = "failed"

    def __init__(self, message: str, hint: str = "", problems: Sequence[tuple[str, str]] = ()) -> None:
        """`problems` are pairs of a place (a JSON path, a line of a file) and what is wrong there."""
        super().__init__(message)
        self.hint = hint
        self.problems = list(problems)
        self.members: Mapping[str, Any] = {}
        self.as_json = False

    def show(self, file: IO[Any] | None = None) -> None:
        """To standard error, so that standard output holds nothing but the answer."""
        stream = file or sys.stderr
        if self.as_json:
            print(json.dumps({"error": self._document()}, indent=2), file=stream)
            return
        console = Console(file=stream, highlight=False, soft_wrap=True)
        console.print(f"[bold red]Error:[/bold red] {escape(self.message)}")
        for place, message in self.problems:
            console.print(f"  [bold]{escape(place)}[/bold]  {escape(message)}")
        if self.hint:
            console.print(f"[dim]{escape(self.hint)}[/dim]")

    def _document(self) -> dict[str, Any]:
        document: dict[str, Any] = {"kind": self.kind, "message": self.message}
        if self.problems:
            document["problems"] = [{"path": place, "message": message} for place, message in self.problems]
        return document | ({"hint": self.hint} if self.hint else {})


class Invalid(CliError):
    """The command line, a file or a request breaks a rule."""

    exit_code = 2
    kind = "invalid"


class Conflict(CliError):
    """Something else came first: a stale version, a wrong state, a name in use."""

    exit_code = 3
    kind = "conflict"


class NotAllowed(CliError):
    """Not signed in, or not permitted."""

    exit_code = 4
    kind = "permission"


class Missing(CliError):
    """What the command names does not exist."""

    exit_code = 5
    kind = "not-found"


class Unreachable(CliError):
    """No answer, or one that says to come back later. The command may be given again."""

    exit_code = 6
    kind = "unreachable"


#: How an execution or a job ended, as an exit code of `watch` and `break-glass run`.
OUTCOME_CODES = {"COMPLETED": 0, "FAILED": 1, "PARTIAL": 7, "NEEDS_ATTENTION": 7, "CANCELLED": 8, "REJECTED": 8}


def of_status(status: int, problem: object, doing: str) -> CliError:
    """The error for an answer that is no success. `problem`: a document of RFC 9457, or text."""
    document: dict[str, Any] = problem if isinstance(problem, dict) else {"detail": str(problem or "")[:300]}
    message = str(document.get("detail") or document.get("message") or document.get("title") or f"HTTP {status}")
    places = [(str(each["path"]), str(each["message"])) for each in document.get("errors", [])]
    kind, hint = _KINDS.get(status) or ((Unreachable, _LATER) if status >= _SERVER_FAULT else (Invalid, ""))
    error = kind(f"{doing}: {message}", hint, places)
    error.members = document
    return error


def of_aws(error: Exception) -> CliError:
    """The error for one of boto3 or of our own taxonomy."""
    if isinstance(error, NoCredentialsError | PartialCredentialsError | ProfileNotFound | TokenRetrievalError):
        return NotAllowed(str(error), "Sign in to AWS, or name a profile with --profile.")
    if isinstance(error, NoRegionError):
        return Invalid("no AWS Region is known", "Name one with --region or in the context.")
    known = error if isinstance(error, TowpathError) else classify(error, "AWS")
    if isinstance(known, PlanInvalid):
        return Invalid("the plan cannot be run as it stands", problems=[(p.path, p.message) for p in known.problems])
    for kinds, made, hint in _OF_TAXONOMY:
        if isinstance(known, kinds):
            return made(str(known), hint)
    return CliError(str(known))


_SERVER_FAULT = 500
_LATER = "Try again in a moment; if it stays so, look at the log of the API."
_KINDS: dict[int, tuple[type[CliError], str]] = {
    401: (NotAllowed, "Sign in with `towpath login`, or go straight over AWS credentials with --via aws."),
    403: (NotAllowed, "Groups of the user pool give permissions; `towpath whoami` shows yours."),
    404: (Missing, ""),
    409: (Conflict, ""),
    412: (Conflict, ""),
    428: (Conflict, ""),
    429: (Unreachable, _LATER),
}
_OF_TAXONOMY: tuple[tuple[tuple[type[TowpathError], ...], type[CliError], str], ...] = (
    (
        (PermissionDenied,),
        NotAllowed,
        "The AWS credentials lack a permission: docs/cli.md lists what is needed.",
    ),
    ((NotFound,), Missing, "Check the context (`towpath context show`), the Region and the profile."),
    ((ValidationFailed,), Invalid, ""),
    ((WrongState, StaleToken), Conflict, ""),
    ((Throttled, Timeout, Transient), Unreachable, "Check the network, the Region and the endpoint, and try again."),
)
