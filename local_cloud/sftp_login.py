"""A real SFTP client in blocking form, for the demo and the tests; the wire protocol is asyncssh's."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import asyncssh


@dataclass
class SftpLogin:
    """One login. Entering it connects, leaving it disconnects; paths are those the user sees.

    With a password instead of a key, the path of the key is empty. `source` is the address of this machine that the
    connection comes from, any of 127.0.0.0/8.
    """

    host: str
    port: int
    user: str
    private_key_path: str = ""
    password: str = field(default="", repr=False)
    source: str = ""
    _runner: asyncio.Runner | None = field(default=None, repr=False)
    _connection: Any = field(default=None, repr=False)
    _sftp: Any = field(default=None, repr=False)

    def __enter__(self) -> SftpLogin:
        self._runner = asyncio.Runner()
        self._run(self._connect())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._runner is not None
        self._connection.close()
        self._run(self._connection.wait_closed())
        self._runner.close()

    def put(self, path: str, content: bytes) -> None:
        """Upload one file and close it; an error of the server is raised as asyncssh.SFTPError."""
        self._run(self._put(path, content))

    def put_all(self, files: Mapping[str, bytes], at_once: int = 20) -> dict[str, asyncssh.SFTPError]:
        """Upload several files over this one connection, `at_once` at a time; returns the ones that were refused."""
        refused: dict[str, asyncssh.SFTPError] = self._run(self._put_all(files, at_once))
        return refused

    def put_and_hang_up(self, path: str, content: bytes) -> None:
        """Write a part of a file, then lose the connection without closing it: a partial upload."""
        self._run(self._put_and_hang_up(path, content))

    def get(self, path: str) -> bytes:
        """Read one file back."""
        content: bytes = self._run(self._get(path))
        return content

    def rename(self, old: str, new: str) -> None:
        """Rename a file, as clients do that upload under a temporary name first."""
        self._run(self._sftp.rename(old, new))

    def list(self, path: str = ".") -> list[str]:
        """Names in a folder, sorted, without `.` and `..`."""
        names = self._run(self._sftp.listdir(path))
        return sorted(name for name in names if name not in (".", ".."))

    async def _connect(self) -> None:
        # Host keys of the local cloud are made anew with it, so there is nothing to check them against.
        self._connection = await asyncssh.connect(
            self.host,
            self.port,
            username=self.user,
            client_keys=[self.private_key_path] if self.private_key_path else None,
            password=self.password or None,
            local_addr=(self.source, 0) if self.source else None,
            known_hosts=None,
            agent_path=None,
            config=None,
        )
        self._sftp = await self._connection.start_sftp_client()

    async def _put(self, path: str, content: bytes) -> None:
        async with self._sftp.open(path, "wb") as handle:
            await handle.write(content)

    async def _put_all(self, files: Mapping[str, bytes], at_once: int) -> dict[str, asyncssh.SFTPError]:
        gate = asyncio.Semaphore(at_once)
        refused = {}

        async def one(path: str, content: bytes) -> None:
            async with gate:
                try:
                    await self._put(path, content)
                except asyncssh.SFTPError as error:
                    refused[path] = error

        await asyncio.gather(*(one(path, content) for path, content in files.items()))
        return refused

    async def _put_and_hang_up(self, path: str, content: bytes) -> None:
        handle = await self._sftp.open(path, "wb")
        await handle.write(content)
        self._connection.abort()

    async def _get(self, path: str) -> bytes:
        async with self._sftp.open(path, "rb") as handle:
            content: bytes = await handle.read()
            return content

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        assert self._runner is not None, "use the login in a `with` statement"
        return self._runner.run(work)
