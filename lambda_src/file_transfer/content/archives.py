"""ZIP archives of strangers, read so that no archive can fill a disk, write outside its place, or hide a file.

What the directory of an archive says is checked first and believed never: the bytes are counted while they are read.
Sources: PKWARE APPNOTE.TXT 4.3 (layout), 4.4 (fields).
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from file_transfer.errors import Rejection
from file_transfer.workflows import patterns
from file_transfer.workflows.rules import Section

MOST_FILES = 1000
MOST_BYTES = 1024**3
MOST_RATIO = 200
NAME_BYTES = 700
#: A small member may shrink more than a large one, and does no harm.
RATIO_FROM_BYTES = 1024 * 1024
ENCRYPTED = 0x1
#: Of what an archive ends with: its directory, the record of its end, the same for 64 bits, a comment.
DIRECTORY_BYTES = 16 * 1024 * 1024
END_BYTES, END64_BYTES, COMMENT_BYTES, UNKNOWN_SIZE = 22, 76, 65535, 0xFFFFFFFF
#: Kept by macOS beside the files themselves.
NOT_MEMBERS = ("__MACOSX/",)
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True)
class Member:
    """A file of an archive: its name with folders, and its bytes when unpacked."""

    path: str
    size: int


def refused(message: str) -> Rejection:
    """Why an archive is not unpacked."""
    return Rejection("ARCHIVE_REFUSED", f"processing.unzip: {message}")


class Archive:
    """An archive that was looked through: its members may be read, one at a time."""

    def __init__(self, file: zipfile.ZipFile, limits: Section, ignored_endings: tuple[str, ...]) -> None:
        self._file = file
        self._limits = limits
        self._ignored_endings = ignored_endings
        self._infos = [each for each in file.infolist() if not each.filename.startswith(NOT_MEMBERS)]
        if not all(each.filename for each in self._infos):
            raise refused("a member has no name")

    def members(self) -> list[Member]:
        """All files in it. Raises Rejection ARCHIVE_REFUSED for the first thing that is not as it should be."""
        files = [each for each in self._infos if not each.is_dir()]
        most = self._limits.get("maxFiles", MOST_FILES)
        if not files:
            raise refused("there is no file in it")
        if len(self._infos) > most:
            raise refused(f"{len(self._infos)} entries, more than maxFiles {most}")
        for info in files:
            self._check(info)
        self._check_together(files)
        return [Member(each.filename, each.file_size) for each in files]

    @contextmanager
    def open(self, member: Member) -> Iterator[BinaryIO]:
        """Its bytes. Raises Rejection ARCHIVE_REFUSED where they are not what the archive says."""
        try:
            with self._file.open(member.path) as file:
                yield file  # type: ignore[misc]
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError) as error:
            raise refused(f"{member.path}: {error}") from error

    def _check(self, info: zipfile.ZipInfo) -> None:
        path = info.filename
        problem = path_problem(path) or self._kind_problem(info)
        if problem:
            raise refused(f"{path[:120]!r} {problem}")
        if path.endswith(self._ignored_endings):
            raise refused(f"{path!r} has a name that uploads have before they are whole")
        pattern = self._limits.get("memberPattern")
        if pattern and not patterns.matches_whole(pattern, path):
            raise refused(f"memberPattern: {path!r} does not match {pattern}")
        ratio = self._limits.get("maxRatio", MOST_RATIO)
        if info.file_size > max(RATIO_FROM_BYTES, info.compress_size * ratio):
            raise refused(f"maxRatio: {path!r} unpacks {info.compress_size} bytes to {info.file_size}")

    def _kind_problem(self, info: zipfile.ZipInfo) -> str:
        mode = info.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            return "is a link or a device"
        if info.flag_bits & ENCRYPTED:
            return "is encrypted"
        return "" if info.compress_type in METHODS else f"is compressed by method {info.compress_type}"

    def _check_together(self, files: list[zipfile.ZipInfo]) -> None:
        names = [each.filename.rsplit("/", 1)[-1] for each in files]
        doubled = (
            next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
        )
        if doubled:
            raise refused(f"two members are called {doubled!r}, and would be delivered as one")
        total, most = sum(each.file_size for each in files), self._limits.get("maxBytes", MOST_BYTES)
        if total > most:
            raise refused(f"maxBytes: {total} bytes when unpacked, more than {most}")
        end = 0
        for info in sorted(self._infos, key=lambda each: each.header_offset):
            if info.header_offset < end:
                raise refused(f"{info.filename!r} lies inside another member")
            end = info.header_offset + info.compress_size


@contextmanager
def open_archive(path: Path, limits: Section, ignored_endings: tuple[str, ...]) -> Iterator[Archive]:
    """Raises Rejection ARCHIVE_REFUSED for what is no archive."""
    if directory_bytes(path) > DIRECTORY_BYTES:
        raise refused(f"its directory has more than {DIRECTORY_BYTES} bytes")
    try:
        file = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise refused(f"the file is no ZIP archive: {error}") from error
    with file:
        yield Archive(file, limits, ignored_endings)


def directory_bytes(path: Path) -> int:
    """What the end of an archive says its directory takes: all of it is read into memory (APPNOTE 4.3.14 to 4.3.16)."""
    with path.open("rb") as file:
        start = max(0, path.stat().st_size - END_BYTES - END64_BYTES - COMMENT_BYTES)
        file.seek(start)
        tail = file.read()
    sizes = [*_numbers_behind(b"PK\x05\x06", tail, 12, 4), *_numbers_behind(b"PK\x06\x06", tail, 40, 8)]
    return max((size for size in sizes if size != UNKNOWN_SIZE), default=0)


def _numbers_behind(signature: bytes, data: bytes, offset: int, width: int) -> Iterator[int]:
    """A number of each record that begins so: which of them the reader takes for the end is the archive's to choose."""
    start = data.find(signature)
    while start >= 0:
        yield int.from_bytes(data[start + offset : start + offset + width], "little")
        start = data.find(signature, start + 1)


def path_problem(path: str) -> str:
    """What is wrong with a member's name, or "": it becomes part of an object's key."""
    if len(path.encode(errors="replace")) > NAME_BYTES:
        return f"has a name of more than {NAME_BYTES} bytes"
    if not path.isprintable() or "\\" in path:
        return "has characters in its name that no path has"
    if path.startswith("/") or any(part in ("", ".", "..") for part in path.split("/")):
        return "has a path that leads out of the archive"
    return ""
