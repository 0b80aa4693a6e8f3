"""Plugs our gate and our file system into ministack's SFTP listener."""

from __future__ import annotations

from typing import Any

from asyncssh.sftp import SFTPServerHandler
from ministack.services import transfer

from local_cloud import function_policy, role_trust, service_logs
from local_cloud.sftp.filesystem import FileSystem
from local_cloud.sftp.gate import Gate
from local_cloud.symbols import PatchedSymbol

SYMBOLS = (
    PatchedSymbol("ministack.services.transfer", "_sftp_build_sftp_factory", "7678828ca6042080"),
    PatchedSymbol("ministack.services.transfer", "_sftp_build_server_factory", "a0dd61f0c738eeec"),
    PatchedSymbol("ministack.services.transfer", "_sftp_resolve_user_by_key", "e844d115286909a9"),
    PatchedSymbol("ministack.services.transfer", "_ensure_sftp_runtime", "b86e86eadffca877"),
    PatchedSymbol("asyncssh.sftp", "SFTPServerHandler._cleanup", "620706aba4753e82"),
    *function_policy.SYMBOLS,
    *role_trust.SYMBOLS,
    *service_logs.SYMBOLS,
)


def install() -> None:
    """Gives the listener our gate and file system, and tells a closed file from one that was cut off."""
    transfer._sftp_build_server_factory = _gate_factory
    transfer._sftp_build_sftp_factory = _file_system_factory
    _mark_interrupted_transfers()


def _gate_factory(restrict_to_server_id: str | None = None) -> type[Gate]:
    return Gate


def _file_system_factory(restrict_to_server_id: str | None = None) -> type[FileSystem]:
    return FileSystem


def _mark_interrupted_transfers() -> None:
    # When a session ends asyncssh closes what the client left open, in the same words in which a client closes a file.
    original = SFTPServerHandler._cleanup

    async def cleanup(self: Any, error: Exception | None) -> None:
        for open_file in self._file_handles.values():
            open_file.interrupted = True
        await original(self, error)

    SFTPServerHandler._cleanup = cleanup  # type: ignore[method-assign, assignment]
