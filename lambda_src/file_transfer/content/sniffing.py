"""What bytes are, whatever the file is called: by their first bytes, and for some formats by their last.

A file may be of several types: a table of text is `csv` and `text`. Sources: the formats' own specifications (PDF 32000
7.5.2, PNG 5.2, RFC 1952 2.3.1, Apache Parquet file format, APPNOTE.TXT 4.3.7, RFC 9580 4.2).
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from file_transfer.content.pgp_packets import is_encrypted_message

HEAD_BYTES = 64 * 1024
PDF_WITHIN = 1024
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
#: Control characters that text has: tab, line feed, form feed, carriage return, escape.
TEXT_CONTROLS = frozenset(b"\t\n\f\r\x1b")
NOT_TEXT = frozenset(range(32)) - TEXT_CONTROLS
DELIMITERS = ",;\t|"


def types_of(path: Path) -> set[str]:
    """The types of rules.type.allowed that the file is of; empty for what nothing is known about."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        whole = len(head) < HEAD_BYTES
    if is_encrypted_message(head):
        return {"pgp"} | ({"text"} if head.startswith(b"-----BEGIN PGP") else set())
    found = _binary_types(path, head)
    if found:
        return found
    text = _text(head)
    return {"text"} | _text_types(text, whole=whole) if text is not None else set()


def _binary_types(path: Path, head: bytes) -> set[str]:
    if b"%PDF-" in head[:PDF_WITHIN]:
        return {"pdf"}
    if head.startswith(ZIP_STARTS):
        return {"zip", "xlsx"} if _is_workbook(path) else {"zip"}
    if head.startswith(b"\x1f\x8b\x08"):
        return {"gzip"}
    if head.startswith(b"PAR1") and _last(path, 4) == b"PAR1":
        return {"parquet"}
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return {"png"}
    return {"jpeg"} if head.startswith(b"\xff\xd8\xff") else set()


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return False


def _last(path: Path, count: int) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - count))
        return file.read(count)


def _text(head: bytes) -> str | None:
    """The beginning as text, if there is nothing in it that text does not have."""
    for mark, encoding in BOMS:
        if head.startswith(mark):
            text = head[len(mark) :].decode(encoding, errors="replace")
            return None if any(ord(each) in NOT_TEXT for each in text) else text
    if not head or NOT_TEXT.intersection(head):
        return None
    return head.decode("utf-8", errors="replace")


def _text_types(text: str, *, whole: bool) -> set[str]:
    start = text.lstrip()
    first = start.split("\n", 1)[0]
    found = set()
    if start.startswith("<?xml") or (start.startswith("<") and (start[1:2].isalpha() or start.startswith("<!--"))):
        found.add("xml")
    elif start[:1] in ("{", "["):
        if not whole or _parses(start):
            found.add("json")
        if _parses(first):
            found.add("jsonl")
    elif whole and _parses(start):
        found |= {"json", "jsonl"}
    if "xml" not in found and any(each in first for each in DELIMITERS):
        found.add("csv")
    return found


def _parses(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
