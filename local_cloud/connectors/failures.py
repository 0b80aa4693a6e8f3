"""Why work of a connector fails, in the codes that its events have.

The codes are those of the user guide, "SFTP connector events"; which failure gives which is not documented.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import asyncssh
from botocore.exceptions import BotoCoreError, ClientError


class WorkFailed(Exception):
    """A file, listing, move or deletion failed; `code` is the event's failure-code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


@contextmanager
def remote(missing: str, otherwise: str) -> Iterator[None]:
    """Names what the remote server refuses: `missing` where there is no such file or folder."""
    try:
        yield
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath) as error:
        raise WorkFailed(missing, str(error)) from error
    except asyncssh.SFTPError as error:
        raise WorkFailed(otherwise, str(error)) from error


@contextmanager
def storage(missing: str, otherwise: str) -> Iterator[None]:
    """Names what S3 refuses the access role: `missing` where there is no such object."""
    try:
        yield
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        raise WorkFailed(missing if status == HTTPStatus.NOT_FOUND else otherwise, str(error)) from error
    except BotoCoreError as error:
        raise WorkFailed(otherwise, str(error)) from error
