"""The file system that an SFTP session sees: SFTP requests in, S3 calls under the user's role out.

What S3 cannot do (append to an object, change its times, rename a folder, links) is refused as Transfer Family refuses
it, so that a client which would fail in production fails here.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import asyncssh
from botocore.exceptions import BotoCoreError, ClientError
from ministack.core.responses import request_scope

from local_cloud.sftp.answers import attributes_of, named, sftp_error
from local_cloud.sftp.gate import Login
from local_cloud.sftp.identity_provider import session_policy
from local_cloud.sftp.journal import Journal
from local_cloud.sftp.paths import Location, home_of, locate, normalise, virtual_children
from local_cloud.sftp.storage import Entry, Storage
from local_cloud.sftp.transfers import Session, Transfer, report
from local_cloud.transfer_api import server_setting

Result = TypeVar("Result")


class FileSystem(asyncssh.SFTPServer):
    """One SFTP session of one user. Paths are bytes, as asyncssh hands them over."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes]) -> None:
        super().__init__(channel)
        about = channel.get_extra_info
        login: Login = about("towpath_login")
        self._account, self._region = login.account, login.region
        user, server, session_id = login.user, login.server, uuid.uuid4().hex[:16]
        name, server_id = user["UserName"], server["ServerId"]
        journal = Journal(server, name, session_id)
        self._session = Session(user, server, session_id, about("peername")[0], journal)
        self._storage = Storage(
            user["Role"], f"{name}.{session_id}@{server_id}", session_policy(user), f"{name}@{server_id}"
        )
        negotiated = {
            "source_ip": self._session.client_ip,
            "client": f"SSH-2.0-{about('client_version', '').removeprefix('SSH-2.0-')}",
            "ciphers": f"{about('recv_cipher')},{about('send_cipher')}",
        }
        self._note(journal.connected, user, login.public_key, negotiated)

    def _note(self, write: Callable[..., None], *args: Any, **more: Any) -> None:
        """Writes a line of the server's log, in the user's account."""
        with request_scope(self._account, self._region):
            write(*args, **more)

    async def _do(self, function: Callable[..., Result], *args: Any) -> Result:
        """Runs something blocking in a thread, in the user's account, and words its failure for an SFTP client."""

        def scoped() -> Result:
            with request_scope(self._account, self._region):
                return function(*args)

        try:
            return await asyncio.to_thread(scoped)
        except ClientError as error:
            raise sftp_error(error) from error
        except BotoCoreError as error:
            raise asyncssh.SFTPFailure(str(error)) from error

    def _place(self, path: bytes) -> Location:
        place = locate(self._session.user, path.decode())
        if place is None or not place.bucket:
            raise asyncssh.SFTPPermissionDenied(f"{path.decode()} is outside of what this user can reach")
        return place

    def _file(self, path: bytes) -> Location:
        place = self._place(path)
        if not place.key:
            raise asyncssh.SFTPFailure(f"{path.decode()} is a folder")
        return place

    async def _existing(self, path: bytes) -> Entry:
        """What is at a path; raises SFTPNoSuchFile."""
        user, visible = self._session.user, path.decode()
        if normalise(visible, home_of(user)) == "/" or virtual_children(user, visible):
            return Entry("", True)
        found = await self._do(self._storage.find, self._place(path))
        if found is None:
            raise asyncssh.SFTPNoSuchFile(f"{visible} does not exist")
        return found

    async def _exists(self, place: Location) -> bool:
        return await self._do(self._storage.find, place) is not None

    def realpath(self, path: bytes) -> bytes:
        """The absolute form of a path; relative ones start at the home directory."""
        return normalise(path.decode(), home_of(self._session.user)).encode()

    async def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        """Size, kind and time of a file or folder."""
        return attributes_of(await self._existing(path))

    async def lstat(self, path: bytes) -> asyncssh.SFTPAttrs:
        """The same as stat: there are no links."""
        return await self.stat(path)

    async def fstat(self, file_obj: object) -> asyncssh.SFTPAttrs:
        """Size of an open file so far."""
        assert isinstance(file_obj, Transfer)
        return attributes_of(Entry("", False, file_obj.size, int(time.time())))

    def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Refused, unless the server is set to ignore it (SetStatOption ENABLE_NO_OP)."""
        details = server_setting(self._session.server, "ProtocolDetails") or {}
        if details.get("SetStatOption") != "ENABLE_NO_OP":
            raise asyncssh.SFTPOpUnsupported("S3 keeps no times, owners or modes; see SetStatOption")

    def lsetstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """As setstat."""
        self.setstat(path, attrs)

    def fsetstat(self, file_obj: object, attrs: asyncssh.SFTPAttrs) -> None:
        """As setstat."""
        self.setstat(b"", attrs)

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        """What is in a folder."""
        user, visible = self._session.user, path.decode()
        entries = {name: Entry(name, True) for name in [".", "..", *sorted(virtual_children(user, visible))]}
        place = locate(user, visible)
        if place is not None and place.bucket:
            for entry in await self._do(lambda: list(self._storage.list(place))):
                entries.setdefault(entry.name, entry)
        for name, entry in entries.items():
            yield named(name, attributes_of(entry))

    async def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Stores the empty object `<folder>/` that stands for a folder in S3."""
        place = self._file(path)
        await self._do(self._storage.write, Location(place.bucket, place.folder), b"")
        self._note(self._session.journal.write, "MKDIR", place)

    async def rmdir(self, path: bytes) -> None:
        """Removes an empty folder."""
        place = self._file(path)
        if await self._do(lambda: next(self._storage.list(place), None)):
            raise asyncssh.SFTPFailure(f"{path.decode()} is not empty")
        await self._do(self._storage.delete, Location(place.bucket, place.folder))
        self._note(self._session.journal.write, "RMDIR", place)

    async def remove(self, path: bytes) -> None:
        """Deletes a file."""
        if (await self._existing(path)).is_folder:
            raise asyncssh.SFTPFailure(f"{path.decode()} is a folder")
        await self._do(self._storage.delete, self._file(path))
        self._note(self._session.journal.write, "DELETE", self._file(path))

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Renames a file to a name that is free."""
        if await self._exists(self._file(newpath)):
            raise asyncssh.SFTPFailure(f"{newpath.decode()} exists")
        await self.posix_rename(oldpath, newpath)

    async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Renames a file, over an existing one if need be. A copy in S3, so no Transfer Family event."""
        if (await self._existing(oldpath)).is_folder:
            raise asyncssh.SFTPOpUnsupported("S3 cannot rename folders")
        old, new = self._file(oldpath), self._file(newpath)
        await self._do(self._storage.rename, old, new)
        self._note(self._session.journal.write, "RENAME", old, new_path=f"/{new.bucket}/{new.key}")

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> Transfer:
        """Opens a file for a download, or for an upload that replaces it as a whole."""
        place = self._file(path)
        if not pflags & asyncssh.FXF_WRITE:
            download = Transfer(place, "Download")
            await self._do(self._storage.read, place, download.content)
            self._note(self._session.journal.write, "OPEN", place, mode="READ")
            return download
        if pflags & asyncssh.FXF_APPEND:
            raise asyncssh.SFTPOpUnsupported("S3 cannot append to an object")
        if not pflags & asyncssh.FXF_TRUNC and await self._exists(place):
            if pflags & asyncssh.FXF_EXCL:
                raise asyncssh.SFTPFailure(f"{path.decode()} exists")
            raise asyncssh.SFTPOpUnsupported("S3 can only replace an object as a whole")
        self._note(self._session.journal.write, "OPEN", place, mode="CREATE|TRUNCATE|WRITE")
        return Transfer(place, "Upload")

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        """Bytes of an open file."""
        assert isinstance(file_obj, Transfer)
        file_obj.content.seek(offset)
        return file_obj.content.read(size)

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """Takes bytes of an upload; they reach S3 when the file is closed."""
        assert isinstance(file_obj, Transfer)
        file_obj.content.seek(offset)
        return file_obj.content.write(data)

    async def close(self, file_obj: object) -> None:
        """Ends a transfer: stores an upload and sends its event.

        An upload that the client did not close itself is stored as far as it came, and reported as PARTIAL_UPLOAD.
        """
        assert isinstance(file_obj, Transfer)
        await self._do(self._finish, file_obj)

    def _finish(self, transfer: Transfer) -> None:
        size, etag = transfer.size, ""
        failure = "PARTIAL_UPLOAD" if transfer.interrupted else ""
        try:
            if transfer.direction == "Upload":
                transfer.content.seek(0)
                etag = self._storage.write(transfer.place, transfer.content)
            elif transfer.interrupted:
                failure = "PARTIAL_DOWNLOAD"
        except ClientError as error:
            failure = "UNKNOWN_ERROR"  # the only other code that the events of Transfer Family have
            self._session.journal.write("ERROR", transfer.place, operation="CLOSE", message=str(error))
            raise
        finally:
            transfer.content.close()
            if failure != "UNKNOWN_ERROR":
                ended = "PARTIAL_CLOSE" if transfer.interrupted else "CLOSE"
                bytes_moved = "bytes-in" if transfer.direction == "Upload" else "bytes-out"
                self._session.journal.write(ended, transfer.place, **{bytes_moved: str(size)})
            report(self._session, transfer, size, etag, failure)

    def exit(self) -> None:
        """The session is over."""
        self._note(self._session.journal.write, "DISCONNECTED")

    def fsync(self, file_obj: object) -> None:
        """Nothing to do: an object appears when the file is closed."""
