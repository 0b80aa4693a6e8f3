"""How S3's answers look to an SFTP client."""

from __future__ import annotations

import stat
import time
from http import HTTPStatus

import asyncssh
from botocore.exceptions import ClientError

from local_cloud.sftp.storage import Entry


def sftp_error(error: ClientError) -> asyncssh.SFTPError:
    """What an SFTP client is told of a refusal of S3's."""
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    code = error.response["Error"]["Code"]
    if status == HTTPStatus.FORBIDDEN:
        return asyncssh.SFTPPermissionDenied(f"the user's role may not do this ({code})")
    if status == HTTPStatus.NOT_FOUND:
        return asyncssh.SFTPNoSuchFile(code)
    return asyncssh.SFTPFailure(f"S3 answered {status} {code}")


def attributes_of(entry: Entry) -> asyncssh.SFTPAttrs:
    """An entry as SFTP describes it."""
    mode = stat.S_IFDIR | 0o755 if entry.is_folder else stat.S_IFREG | 0o644
    modified = entry.modified
    return asyncssh.SFTPAttrs(size=entry.size, uid=0, gid=0, permissions=mode, atime=modified, mtime=modified)


def named(name: str, attributes: asyncssh.SFTPAttrs) -> asyncssh.SFTPName:
    """An entry of a folder, with the line that `ls -l` shows."""
    when = time.strftime("%b %d %H:%M", time.gmtime(attributes.mtime or 0))
    line = f"{stat.filemode(attributes.permissions or 0)} 1 - - {attributes.size or 0:>10} {when} {name}"
    return asyncssh.SFTPName(name.encode(), line.encode(), attributes)
