"""Files are what their bytes say, not what their names do."""

from __future__ import annotations

import gzip
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from file_transfer.content.pgp_packets import is_encrypted_message
from file_transfer.content.sniffing import types_of


def zipped(*names: str) -> bytes:
    """An archive with empty files of these names."""
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, "")
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "types"),
    [
        (b"id,amount\n1,2\n", {"text", "csv"}),
        (b"\xef\xbb\xbfid;amount\n", {"text", "csv"}),
        ("id\tname\n1\tÄ".encode("utf-16"), {"text", "csv"}),
        ("Größe;Menge\n".encode("iso-8859-1"), {"text", "csv"}),
        (b"plain words\n", {"text"}),
        (b'{"a": 1}\n', {"text", "json", "jsonl"}),
        (b'{"a": 1}\n{"a": 2}\n', {"text", "jsonl"}),
        (b"[\n1]", {"text", "json"}),
        (b'  {"a": [1, 2]}', {"text", "json", "jsonl", "csv"}),
        (b"12\n", {"text", "json", "jsonl"}),
        (b"<?xml version='1.0'?><a/>", {"text", "xml"}),
        (b"<order a='1,2'/>", {"text", "xml"}),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", {"pdf"}),
        (zipped("a.csv"), {"zip"}),
        (zipped("xl/workbook.xml"), {"zip", "xlsx"}),
        (gzip.compress(b"x"), {"gzip"}),
        (b"PAR1" + bytes(20) + b"PAR1", {"parquet"}),
        (b"PAR1" + bytes(20), set()),
        (b"\x89PNG\r\n\x1a\n" + bytes(9), {"png"}),
        (b"\xff\xd8\xff\xe0", {"jpeg"}),
        (b"MZ\x90\x00\x03", set()),
        (b"", set()),
    ],
)
def test_types_are_read_from_the_bytes(data: bytes, types: set[str], tmp_path: Path) -> None:
    path = tmp_path / "invoice.pdf"
    path.write_bytes(data)
    assert types_of(path) == types


def test_an_archive_whose_directory_is_broken_is_still_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    assert types_of(path) == {"zip"}


@pytest.mark.parametrize(
    ("head", "encrypted"),
    [
        (bytes([0xC1, 94, 3]) + bytes(9), True),
        (bytes([0x84, 94, 3]) + bytes(9), True),
        (bytes([0x85, 1, 12, 3]) + bytes(9), True),
        (bytes([0xD2, 0xFF, 0, 0, 1, 0, 2]) + bytes(9), True),
        (bytes([0xC3, 13, 4]) + bytes(9), True),
        # A literal packet, a one-pass signature, UTF-8 that begins with an umlaut, nothing.
        (bytes([0xCB, 20, 98]) + bytes(9), False),
        (bytes([0xC4, 13, 3]) + bytes(9), False),
        ("Äpfel,Birnen\n".encode(), False),
        (b"", False),
        (b"-----BEGIN PGP MESSAGE-----\n\n!!!!\n", False),
    ],
)
def test_an_encrypted_message_is_known_by_its_first_packet(head: bytes, encrypted: bool) -> None:
    assert is_encrypted_message(head) is encrypted
