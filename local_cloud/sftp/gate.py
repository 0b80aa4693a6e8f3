"""Who gets in: users of a server with their keys, and users that a server's function knows."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import asyncssh
from ministack.core.responses import request_scope
from ministack.services import transfer

from local_cloud.sftp import journal
from local_cloud.sftp.identity_provider import PASSWORD, PUBLIC_KEY, Provider, Reply, kind_of, providers


@dataclass(frozen=True)
class Login:
    """A user who has proved who they are; `public_key` is empty for those with a password."""

    account: str
    region: str
    server: dict[str, Any]
    user: dict[str, Any]
    public_key: str = ""


class Gate(asyncssh.SSHServer):
    """One connection. Functions are asked once for keys, however many a client offers, and once a password."""

    def __init__(self) -> None:
        self._replies: dict[str, Reply] = {}

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Remembers the connection, which carries the login to the session."""
        self._connection = conn
        self._source_ip = str(conn.get_extra_info("peername")[0])

    def begin_auth(self, username: str) -> bool:
        """Everybody has to prove who they are."""
        return True

    def public_key_auth_supported(self) -> bool:
        """Service-managed users have keys, and users of functions may."""
        return True

    def password_auth_supported(self) -> bool:
        """Whether any function takes passwords."""
        return any(provider.takes(PASSWORD) for provider in providers())

    async def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Whether the key is one of the user's; called before and after the client has shown that it has it."""
        presented = key.export_public_key().decode()
        login = _service_managed(username, presented) or await self._known(username, presented)
        if login is None:
            await self._refused(username, "publickey", "The key is not one of the user's")
            return False
        self._connection.set_extra_info(towpath_login=login)
        return True

    async def validate_password(self, username: str, password: str) -> bool:
        """Whether a function knows the user with this password."""
        for provider in providers():
            if not provider.takes(PASSWORD):
                continue
            reply = await asyncio.to_thread(provider.ask, username, password, self._source_ip)
            if reply.known.get("Role") and "PublicKeys" not in reply.known:
                user = await asyncio.to_thread(provider.user, username, reply.known)
                if user:
                    login = Login(provider.account, provider.region, provider.server, user)
                    self._connection.set_extra_info(towpath_login=login)
                    return True
            await self._log_failure(provider, username, "password", reply.problem or "Invalid credentials")
        return False

    async def _known(self, username: str, presented: str) -> Login | None:
        """The user of a function who has this key."""
        for provider in providers():
            if not provider.takes(PUBLIC_KEY):
                continue
            reply = await self._asked(provider, username)
            bodies = [_body(str(key)) for key in reply.known.get("PublicKeys") or []]
            if reply.known.get("Role") and _body(presented) in bodies:
                user = await asyncio.to_thread(provider.user, username, reply.known)
                if user:
                    return Login(provider.account, provider.region, provider.server, user, presented)
        return None

    async def _asked(self, provider: Provider, username: str) -> Reply:
        key = f"{provider.server['ServerId']}/{username}"
        if key not in self._replies:
            self._replies[key] = await asyncio.to_thread(provider.ask, username, "", self._source_ip)
        return self._replies[key]

    async def _refused(self, username: str, method: str, message: str) -> None:
        for provider in providers():
            problem = self._replies.get(f"{provider.server['ServerId']}/{username}", Reply({})).problem
            await self._log_failure(provider, username, method, problem or message)

    async def _log_failure(self, provider: Provider, username: str, method: str, message: str) -> None:
        def write() -> None:
            with request_scope(provider.account, provider.region):
                journal.refused(provider.server, username, self._source_ip, method, message)

        await asyncio.to_thread(write)


def _service_managed(username: str, presented: str) -> Login | None:
    match = transfer._sftp_resolve_user_by_key(username, presented)
    if not match:
        return None
    account, region, server_id, user = match
    server = transfer._servers.get_scoped(account, region, server_id)
    if server is None or server["State"] != "ONLINE" or kind_of(server) != "SERVICE_MANAGED":
        return None
    return Login(account, region, server, user, presented)


def _body(key: str) -> list[str]:
    return key.split()[:2]
