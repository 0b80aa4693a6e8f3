"""Unpacked function code and layers, shared by all environments that need the same bytes."""

from __future__ import annotations

import hashlib
import io
import tempfile
import threading
import zipfile
from pathlib import Path

# A function that a schedule starts at the very end may still write there; what it leaves keeps nobody from ending.
_folder = tempfile.TemporaryDirectory(prefix="towpath-lambda-", ignore_cleanup_errors=True)
_unpacking = threading.Lock()


def unpacked(archive: bytes) -> Path:
    """A folder with what is in the zip, by content: a function that has not changed is unpacked once.

    Raises zipfile.BadZipFile.
    """
    target = Path(_folder.name, hashlib.sha256(archive).hexdigest()[:24])
    with _unpacking:
        if not target.exists():
            unfinished = Path(tempfile.mkdtemp(dir=_folder.name))
            zipfile.ZipFile(io.BytesIO(archive)).extractall(unfinished)
            unfinished.rename(target)
    return target


def home() -> Path:
    """An empty folder for HOME, so that no file of the developer's own is picked up."""
    folder = Path(_folder.name, "home")
    folder.mkdir(exist_ok=True)
    return folder


def discard() -> None:
    """Removes all unpacked code; nothing runs any more."""
    _folder.cleanup()
