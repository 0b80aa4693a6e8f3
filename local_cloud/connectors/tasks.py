"""What a connector does at the remote server: send, fetch, list, move, delete."""

from __future__ import annotations

import json
import stat
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any, cast

import asyncssh

from local_cloud import aws_client
from local_cloud.connectors.failures import remote, storage
from local_cloud.sftp.paths import Location

_CHUNK = 1 << 20
_IN_MEMORY_BYTES = 8 << 20
Found = dict[str, Any]
"""What a finished task adds to its event."""


def inside(directory: str, name: str) -> str:
    """The path of a file in a directory; in the login's home without one."""
    return f"{directory.rstrip('/')}/{name}" if directory else name


@dataclass(frozen=True)
class Task:
    """One piece of work."""

    connector: dict[str, Any]

    @property
    def s3(self) -> Any:
        """S3 as the access role."""
        return aws_client.client("s3", self.connector["AccessRole"], self.connector["ConnectorId"])

    async def do(self, sftp: asyncssh.SFTPClient) -> Found:
        """Does it. Raises WorkFailed."""
        raise NotImplementedError


@dataclass(frozen=True)
class Send(Task):
    """An object that is written to the remote server, under its final name from the first byte on.

    `until` says after how many bytes it breaks off.
    """

    source: Location
    directory: str
    until: int | None = None

    async def do(self, sftp: asyncssh.SFTPClient) -> Found:
        """See Task."""
        with storage("SEND_FILE_NOT_FOUND", "READ_FILE_ERROR"):
            body = self.s3.get_object(Bucket=self.source.bucket, Key=self.source.key)["Body"]
        sent = 0
        with remote("DIRECTORY_NOT_FOUND", "WRITE_FILE_ERROR"):
            async with sftp.open(inside(self.directory, self.source.key.rpartition("/")[2]), "wb") as file:
                for chunk in body.iter_chunks(_CHUNK):
                    part = chunk if self.until is None else chunk[: self.until - sent]
                    sent += await file.write(part)
        return {"bytes": sent}


@dataclass(frozen=True)
class Retrieve(Task):
    """A remote file that becomes an object."""

    path: str
    target: Location

    async def do(self, sftp: asyncssh.SFTPClient) -> Found:
        """See Task."""
        with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as content:
            with remote("RETRIEVE_FILE_NOT_FOUND", "READ_FILE_ERROR"):
                size = await self._fetch(sftp, content)
            content.seek(0)
            with storage("WRITE_FILE_ERROR", "WRITE_FILE_ERROR"):
                self.s3.put_object(Bucket=self.target.bucket, Key=self.target.key, Body=content)
        return {"bytes": size}

    async def _fetch(self, sftp: asyncssh.SFTPClient, content: IO[bytes]) -> int:
        async with sftp.open(self.path, "rb") as file:
            while chunk := cast(bytes, await file.read(_CHUNK)):
                content.write(chunk)
        return content.tell()


@dataclass(frozen=True)
class ListDirectory(Task):
    """A remote directory, one level deep, that becomes a JSON object."""

    directory: str
    most: int
    target: Location

    async def do(self, sftp: asyncssh.SFTPClient) -> Found:
        """See Task."""
        with remote("DIRECTORY_NOT_FOUND", "LIST_DIRECTORY_ERROR"):
            names = [name async for name in sftp.scandir(self.directory)]
        listed = sorted((str(name.filename), name.attrs) for name in names if name.filename not in (".", ".."))
        kept = [(inside(self.directory, name), attrs) for name, attrs in listed if _kind(attrs)][: self.most]
        listing = {
            "files": [_file(path, attrs) for path, attrs in kept if _kind(attrs) == stat.S_IFREG],
            "paths": [{"path": path} for path, attrs in kept if _kind(attrs) == stat.S_IFDIR],
            "truncated": len([attrs for _, attrs in listed if _kind(attrs)]) > len(kept),
        }
        with storage("WRITE_FILE_ERROR", "WRITE_FILE_ERROR"):
            body = json.dumps(listing, ensure_ascii=False).encode()
            self.s3.put_object(Bucket=self.target.bucket, Key=self.target.key, Body=body)
        return {"item-count": len(kept), "truncated": listing["truncated"]}


@dataclass(frozen=True)
class Move(Task):
    """A remote file or directory that gets another path, which must be free."""

    source: str
    target: str

    async def do(self, sftp: asyncssh.SFTPClient) -> Found:
        """See Task."""
        with remote("PATH_NOT_FOUND", "RENAME_ERROR"):
            await sftp.rename(self.source, self.target)
        return {}


@dataclass(frozen=True)
class Delete(Task):
    """A remote file, or an empty directory, that goes."""

    path: str

    async def do(self, sftp: asyncssh.SFTPClient) -> Found:
        """See Task."""
        with remote("PATH_NOT_FOUND", "DELETE_ERROR"):
            if _kind(await sftp.lstat(self.path)) == stat.S_IFDIR:
                await sftp.rmdir(self.path)
            else:
                await sftp.remove(self.path)
        return {}


def _kind(attrs: asyncssh.SFTPAttrs) -> int:
    """Whether a file or directory; 0 for anything else, such as links."""
    kind = stat.S_IFMT(attrs.permissions or 0)
    return kind if kind in (stat.S_IFREG, stat.S_IFDIR) else 0


def _file(path: str, attrs: asyncssh.SFTPAttrs) -> dict[str, Any]:
    about: dict[str, Any] = {"filePath": path}
    if attrs.mtime is not None:
        about["modifiedTimestamp"] = datetime.fromtimestamp(attrs.mtime, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if attrs.size is not None:
        about["size"] = attrs.size
    return about
