"""The partner's SFTP server: an ordinary one over a folder, in a thread of its own."""

from __future__ import annotations

import asyncio
import logging
import threading
from pathlib import Path

import asyncssh

from local_cloud.partner import keys
from local_cloud.settings import LOOPBACK, Settings

_log = logging.getLogger("towpath.partner")


class _Gate(asyncssh.SSHServer):
    """Lets the one user in, with the one key."""

    def __init__(self, trusted: asyncssh.SSHKey) -> None:
        self._trusted = trusted.export_public_key()

    def begin_auth(self, username: str) -> bool:
        """Everybody has to prove who they are."""
        return True

    def public_key_auth_supported(self) -> bool:
        """Keys are the only way in."""
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Whether the key is the user's."""
        presented = key.export_public_key().split()[:2]
        return username == keys.USER and presented == self._trusted.split()[:2]


class _Folder(asyncssh.SFTPServer):
    """The folder, which nobody gets out of."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], root: Path) -> None:
        super().__init__(channel, chroot=str(root).encode())


def start(chosen: Settings) -> None:
    """Serves until the process ends. A port that is taken is said in the log; connectors then find nobody."""
    ready = threading.Event()
    threading.Thread(target=_serve, args=(chosen, ready), name="towpath-partner", daemon=True).start()
    ready.wait()


def _serve(chosen: Settings, ready: threading.Event) -> None:
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(_listen(chosen))
    except OSError as error:
        _log.warning("the partner's SFTP server cannot listen on port %s: %s", chosen.partner_port, error)
        return
    finally:
        ready.set()
    loop.run_forever()


async def _listen(chosen: Settings) -> None:
    known, root = keys.ensure(chosen), keys.folder(chosen)
    root.mkdir(parents=True, exist_ok=True)
    await asyncssh.listen(
        LOOPBACK,
        chosen.partner_port,
        server_factory=lambda: _Gate(known.user),
        server_host_keys=[known.host],
        sftp_factory=lambda channel: _Folder(channel, root),
        allow_scp=False,
    )
