"""The SFTP client of a connector: asyncssh, with the login of its secret and only host keys that it trusts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import asyncssh

from local_cloud import aws_client, role_trust
from local_cloud.connectors.failures import WorkFailed, storage

_PORT = 22
_CONNECT_SECONDS = 15


@dataclass(frozen=True)
class Login:
    """Where a connector goes and as whom. `trusted` are host keys, type and body."""

    host: str
    port: int
    username: str
    private_key: str
    password: str
    trusted: tuple[str, ...]


def login(connector: dict[str, Any]) -> Login:
    """What a connector logs in with, read from its secret as its access role. Raises WorkFailed."""
    role, settings = connector["AccessRole"], connector["SftpConfig"]
    if not role_trust.trusts(role, "transfer", connector["Arn"]):
        raise WorkFailed("ASSUME_ROLE_ERROR", "Unable to assume the configured access role")
    secrets = aws_client.client("secretsmanager", role, connector["ConnectorId"])
    with storage("CONNECTION_ERROR", "CONNECTION_ERROR"):
        text = secrets.get_secret_value(SecretId=settings["UserSecretId"])["SecretString"]
    address = urlsplit(connector["Url"])
    try:
        secret = json.loads(text)
        return Login(
            address.hostname or "",
            address.port or _PORT,
            secret["Username"],
            secret.get("PrivateKey", ""),
            secret.get("Password", ""),
            tuple(settings.get("TrustedHostKeys", [])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise WorkFailed("CONNECTION_ERROR", "The secret does not hold Username with PrivateKey or Password") from error


@asynccontextmanager
async def connected(known: Login) -> AsyncIterator[asyncssh.SFTPClient]:
    """A session at the remote server. Raises WorkFailed CONNECTION_ERROR."""
    try:
        trusted = [asyncssh.import_public_key(" ".join(key.split()[-2:])) for key in known.trusted]
        keys = [asyncssh.import_private_key(known.private_key)] if known.private_key else []
        connection = await asyncssh.connect(
            known.host,
            known.port,
            username=known.username,
            client_keys=keys or None,
            password=known.password or None,
            known_hosts=(trusted, [], []),
            connect_timeout=_CONNECT_SECONDS,
            agent_path=None,
            config=None,
        )
    except (OSError, asyncssh.Error, asyncssh.KeyImportError) as error:
        raise WorkFailed("CONNECTION_ERROR", str(error) or type(error).__name__) from error
    async with connection:
        try:
            sftp = await connection.start_sftp_client()
        except asyncssh.Error as error:
            raise WorkFailed("CONNECTION_ERROR", str(error)) from error
        async with sftp:
            try:
                yield sftp
            except (OSError, asyncssh.ConnectionLost, asyncssh.SFTPConnectionLost) as error:
                raise WorkFailed("CONNECTION_ERROR", str(error)) from error


async def host_key(known: Login) -> str:
    """The key that a server is known by, whoever trusts it. Raises WorkFailed."""
    try:
        found = await asyncssh.get_server_host_key(known.host, known.port, config=None)
    except (OSError, asyncssh.Error) as error:
        raise WorkFailed("CONNECTION_ERROR", str(error)) from error
    return " ".join(found.export_public_key().decode().split()[:2]) if found else ""
