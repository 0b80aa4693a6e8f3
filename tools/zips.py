"""Zip files whose bytes depend on their contents alone."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)
UNIX = 3
REGULAR_FILE_0644 = 0o100644 << 16
NOT_PACKED_FOLDERS = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
NOT_PACKED_SUFFIXES = {".pyc", ".pyo"}


def write_zip(path: Path, entries: Mapping[str, bytes]) -> None:
    """Write `entries` (name in the zip => content), sorted, all of one time and mode.

    They are stored and not compressed: compressed bytes differ between versions of zlib, and with them the hash by
    which Terraform decides whether to deploy.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(entries):
            info = zipfile.ZipInfo(name, EPOCH)
            info.create_system = UNIX
            info.external_attr = REGULAR_FILE_0644
            archive.writestr(info, entries[name])
    unfinished.replace(path)


def tree_entries(root: Path, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    """(name, content) of every file under root that belongs into a package, names starting with `prefix`."""
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if NOT_PACKED_FOLDERS.intersection(relative.parts) or path.suffix in NOT_PACKED_SUFFIXES:
            continue
        if path.is_file():
            yield prefix + relative.as_posix(), path.read_bytes()


def wheel_entries(wheel: Path) -> Iterator[tuple[str, bytes]]:
    """(name, content) of what a wheel installs beside the code of others (PEP 427, "Installing a wheel").

    RECORD is left out, since it lists files of an installation that this is not; so are scripts and headers.
    """
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            top, _, rest = name.partition("/")
            if name.endswith("/") or name.endswith(".dist-info/RECORD"):
                continue
            if top.endswith(".data"):
                scheme, _, installed = rest.partition("/")
                if scheme not in ("purelib", "platlib"):
                    continue
                yield installed, archive.read(name)
            else:
                yield name, archive.read(name)


def content_digest(entries: Mapping[str, bytes]) -> str:
    """A hex SHA-256 over names and contents."""
    digest = hashlib.sha256()
    for name in sorted(entries):
        for part in (name.encode(), entries[name]):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()


def file_hashes(path: Path) -> dict[str, str]:
    """`sha256` in hex, and `source_code_hash`: the same in base64, as Lambda and Terraform give it."""
    digest = hashlib.sha256(path.read_bytes()).digest()
    return {"sha256": digest.hex(), "source_code_hash": base64.b64encode(digest).decode()}
