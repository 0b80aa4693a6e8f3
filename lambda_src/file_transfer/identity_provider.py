"""Lambda that a Transfer Family server asks who may log in. The event has the password: it is never logged."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from file_transfer.identity.logins import Login, Logins
from file_transfer.identity.settings import read_settings
from file_transfer.observe import logger
from shared.aws_errors import classify
from shared.clients import Clients


@cache
def logins() -> Logins:
    """Made with the first login and kept while the worker lives."""
    return Logins(read_settings(), Clients().dynamodb)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`{"username", "password", "protocol", "serverId", "sourceIp"}` → role, policy, home and keys, or `{}`.

    Raises the taxonomy's errors when the table cannot be read: the server refuses the login then.
    """
    logger.clear_state()
    try:
        return logins().decide(Login.of(event))
    except (ClientError, BotoCoreError) as error:
        raise classify(error, "look up an SFTP user") from error
