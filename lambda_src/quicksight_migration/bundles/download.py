"""The bundle behind an export's DownloadUrl, piece by piece.

Whoever has the URL has the bundle for five minutes. So it is asked for right before it is used, and it is in nothing
that is stored, logged, returned or raised: errors say what happened, not where, and do not name what caused them.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from http import HTTPStatus
from http.client import HTTPException
from typing import IO

from quicksight_migration.bundles.storage import PIECE
from shared.errors import TowpathError, Transient

OpenUrl = Callable[[str], AbstractContextManager[IO[bytes]]]
#: Between two pieces, not for the whole.
READ_SECONDS = 30
#: End of central directory record: signature, its length without the comment, where size and offset of the directory
#: are (APPNOTE.TXT of PKWARE, 4.3.16). Bundles are below 1 GB, hence no ZIP64.
_END, _END_BYTES, _SIZE_AT, _OFFSET_AT = b"PK\x05\x06", 22, 12, 16
_MOST_COMMENT = 65_535


class LinkExpired(Transient):
    """The address does not work any more: describe the export for a fresh one."""


class Refused(Exception):
    """The address was answered with another status than 200."""

    def __init__(self, status: int) -> None:
        super().__init__(f"answered with {status}")
        self.status = status


def open_url(url: str) -> AbstractContextManager[IO[bytes]]:
    """One GET, no redirects. Raises Refused, OSError, HTTPException."""
    status = 0
    try:
        opened: AbstractContextManager[IO[bytes]] = _OPENER.open(url, timeout=READ_SECONDS)
        return opened
    except urllib.error.HTTPError as error:
        status = error.code
        error.close()
    raise Refused(status)


def download(url: str, open_: OpenUrl = open_url) -> Iterator[bytes]:
    """The bundle's bytes. Raises LinkExpired, and Transient for whatever else goes wrong, also for an early end."""
    end = _ZipEnd()
    problem: TowpathError | None = None
    try:
        with open_(url) as stream:
            while piece := stream.read(PIECE):
                end.add(piece)
                yield piece
    except Refused as error:
        kind = LinkExpired if error.status == HTTPStatus.FORBIDDEN else Transient
        problem = kind(f"the download was answered with {error.status}")
    except (OSError, HTTPException, ValueError) as error:
        problem = Transient(f"the download failed: {type(error).__name__}")
    if problem is None and not end.is_whole:
        problem = Transient(f"the download ended after {end.size} bytes, before the bundle did")
    if problem is not None:
        raise problem


class _ZipEnd:
    """Tells from the last bytes whether a zip file is whole."""

    def __init__(self) -> None:
        self.size = 0
        self._tail = b""

    def add(self, piece: bytes) -> None:
        self.size += len(piece)
        self._tail = (self._tail + piece)[-(_END_BYTES + _MOST_COMMENT) :]

    @property
    def is_whole(self) -> bool:
        at = self._tail.rfind(_END)
        if at < 0 or len(self._tail) - at < _END_BYTES:
            return False
        record = self._tail[at:]
        size = int.from_bytes(record[_SIZE_AT : _SIZE_AT + 4], "little")
        offset = int.from_bytes(record[_OFFSET_AT : _OFFSET_AT + 4], "little")
        return size + offset == self.size - len(record)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirects)
