"""What a manifest lists: names, and sizes and digests where it gives them. Pure.

JSON: a list, or an object with `files`, of names or of objects with `name`, `size` and `sha256`. Text: a line a file,
`name`, `name,size`, `name,size,sha256`, or as sha256sum writes it; lines that begin with `#` are comments.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from file_transfer.errors import Rejection

MOST_BYTES = 1024 * 1024
MOST_FILES = 1000
NAME_LENGTH = 250
_SUM = re.compile(r"([0-9a-fA-F]{64}) [ *](.+)")


@dataclass(frozen=True)
class Listed:
    """A file of a manifest. `size` is None and `sha256` empty where it does not say."""

    name: str
    size: int | None = None
    sha256: str = ""


def read_manifest(text: bytes) -> list[Listed]:
    """Raises Rejection MANIFEST_INVALID."""
    try:
        files = list(_entries(text.decode("utf-8-sig")))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _invalid(f"it cannot be read: {str(error)[:120]}") from error
    if not files:
        raise _invalid("it lists no file")
    if len(files) > MOST_FILES:
        raise _invalid(f"it lists {len(files)} files, more than {MOST_FILES}")
    names = {each.name for each in files}
    if len(names) < len(files):
        raise _invalid("it lists a file twice")
    bad = next((each.name for each in files if not 0 < len(each.name) <= NAME_LENGTH or "/" in each.name), None)
    if bad is not None:
        raise _invalid(f"{bad[:100]!r} is not the name of a file beside it")
    return files


def _entries(text: str) -> Iterator[Listed]:
    if text.lstrip()[:1] in ("{", "["):
        document = json.loads(text)
        yield from (_of_json(each) for each in (document["files"] if isinstance(document, dict) else document))
        return
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            yield _of_line(line.strip())


def _of_json(entry: Any) -> Listed:
    if isinstance(entry, str):
        return Listed(entry)
    size = entry.get("size")
    return Listed(str(entry["name"]), None if size is None else int(size), str(entry.get("sha256") or "").lower())


def _of_line(line: str) -> Listed:
    summed = _SUM.fullmatch(line)
    if summed:
        return Listed(summed.group(2), None, summed.group(1).lower())
    name, _, rest = line.partition(",")
    size, _, digest = rest.partition(",")
    return Listed(name.strip(), int(size) if size.strip() else None, digest.strip().lower())


def _invalid(message: str) -> Rejection:
    return Rejection("MANIFEST_INVALID", f"rules.group: {message}")
