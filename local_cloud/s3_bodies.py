"""Bodies of large objects lie in files, so that the server's memory stays small however large they are.

ministack keeps every body as bytes. One that came in parts is put into a file and mapped: it goes with the last object
that has it, copies share it, and a snapshot only names it. Whatever reads a whole body gets bytes; ranges are views.
"""

from __future__ import annotations

import mmap
import uuid
import weakref
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ministack.services import s3

from local_cloud import settings
from local_cloud.symbols import PatchedSymbol

_MODULE = "ministack.services.s3"
SYMBOLS = (
    PatchedSymbol(_MODULE, "_get_object", "64ad7071ef0ec45a"),
    PatchedSymbol(_MODULE, "_get_object_data", "8735d1f5e3313076"),
    PatchedSymbol(_MODULE, "_read_body", "596e56d63502e15f"),
)
#: What is smaller is not worth a file.
LEAST = 1024 * 1024
KEPT = "towpath-file"
Response = tuple[int, dict[str, str], Any]


class FileBody(mmap.mmap):
    """A body in a file, which goes when nothing holds the body any more. A slice of it is a view."""

    file: Path
    unlinked: weakref.finalize[Any, Any]

    def __getitem__(self, index: Any) -> Any:
        return memoryview(self)[index]

    def __deepcopy__(self, _memo: object) -> FileBody:
        return self

    def kept(self) -> dict[str, str]:
        """What stands for it in a snapshot; the file stays."""
        self.unlinked.detach()
        return {KEPT: self.file.name}


def install() -> None:
    """Whole bodies are bytes again where ministack hands them out."""
    get_object: Callable[..., Response] = s3._get_object
    get_object_data: Callable[..., Any] = s3._get_object_data

    def get_object_as_bytes(*request: Any, **named: Any) -> Response:
        status, headers, body = get_object(*request, **named)
        return status, headers, as_bytes(body)

    s3._get_object = get_object_as_bytes
    s3._get_object_data = lambda *request, **named: as_bytes(get_object_data(*request, **named))


def as_bytes(body: Any) -> Any:
    """Bytes for what is a file or a view; everything else as it is."""
    return bytes(memoryview(body)) if isinstance(body, FileBody | memoryview) else body


def joined(pieces: Iterable[bytes | memoryview | FileBody]) -> bytes | FileBody:
    """The pieces one after the other, in a file unless they are small."""
    views = [memoryview(piece) for piece in pieces]
    if sum(map(len, views)) < LEAST:
        return b"".join(views)
    folder().mkdir(parents=True, exist_ok=True)
    path = folder() / uuid.uuid4().hex
    with path.open("xb") as file:
        for view in views:
            file.write(view)
    return opened(path.name)


def opened(name: str) -> FileBody:
    """The body in a file of this name."""
    path = folder() / name
    with path.open("rb") as file:
        body = FileBody(file.fileno(), 0, access=mmap.ACCESS_READ)
    body.file = path
    body.unlinked = weakref.finalize(body, path.unlink, missing_ok=True)
    body.unlinked.atexit = False  # by then a snapshot may name it
    return body


def folder() -> Path:
    """Where the files lie."""
    return settings.from_environment().state_dir / "s3"
