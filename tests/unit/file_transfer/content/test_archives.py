"""Archives that are what they say, and archives that are weapons."""

from __future__ import annotations

import stat
import struct
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from file_transfer.content import archives
from file_transfer.content.archives import Member, directory_bytes, open_archive
from file_transfer.errors import Rejection
from file_transfer.intake.taking import IGNORED_ENDINGS


def archive(tmp_path: Path, files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A ZIP file of these files."""
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w", method) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return path


def contents(path: Path, **limits: Any) -> dict[str, bytes]:
    """Its members, all of them read."""
    found = {}
    with open_archive(path, limits, IGNORED_ENDINGS) as opened:
        for member in opened.members():
            with opened.open(member) as file:
                found[member.path] = file.read()
    return found


def refusal(path: Path, **limits: Any) -> str:
    """Why it is not unpacked."""
    with pytest.raises(Rejection) as caught:
        contents(path, **limits)
    assert caught.value.reason == "ARCHIVE_REFUSED"
    return caught.value.message.removeprefix("processing.unzip: ")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_members_come_out_with_their_folders(tmp_path: Path, method: int) -> None:
    files = {"a.csv": b"1,2\n", "in/b.csv": b"x" * 5000, "empty/": b"", "__MACOSX/a.csv": b"junk"}
    path = archive(tmp_path, files, method)
    assert contents(path) == {"a.csv": b"1,2\n", "in/b.csv": b"x" * 5000}
    with open_archive(path, {}, ()) as opened:
        assert opened.members() == [Member("a.csv", 4), Member("in/b.csv", 5000)]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../a", "leads out of the archive"),
        ("/etc/passwd", "leads out of the archive"),
        ("a/../../b", "leads out of the archive"),
        ("a//b", "leads out of the archive"),
        ("a\\b", "characters in its name"),
        ("a\nb", "characters in its name"),
        ("n" * 701, "more than 700 bytes"),
        ("a.csv.tmp", "before they are whole"),
        ("a.filepart", "before they are whole"),
    ],
)
def test_names_that_lead_elsewhere_refuse_the_archive(tmp_path: Path, name: str, said: str) -> None:
    assert said in refusal(archive(tmp_path, {"good.csv": b"x", name: b"x"}))


def test_members_match_the_pattern_as_a_whole(tmp_path: Path) -> None:
    path = archive(tmp_path, {"a.csv": b"x", "run.exe": b"x"})
    assert "memberPattern: 'run.exe' does not match" in refusal(path, memberPattern=r".*\.csv")
    assert len(contents(path, memberPattern=r"[a-z.]+")) == 2


def test_a_bomb_is_refused_before_anything_is_unpacked(tmp_path: Path) -> None:
    # Given 10 MB of nothing in 10 KB
    path = archive(tmp_path, {"zeros": bytes(10_000_000)})
    assert path.stat().st_size < 20_000

    # Then its ratio or its size refuses it
    assert refusal(path).startswith("maxRatio: 'zeros' unpacks")
    assert refusal(path, maxRatio=5000, maxBytes=9_999_999).startswith("maxBytes: 10000000 bytes")
    assert len(contents(path, maxRatio=5000)["zeros"]) == 10_000_000


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    assert (
        refusal(archive(tmp_path, {f"{n}.csv": b"" for n in range(4)}), maxFiles=3) == "4 entries, more than maxFiles 3"
    )


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    assert "two members are called 'a.csv'" in refusal(archive(tmp_path, {"x/a.csv": b"1", "y/a.csv": b"2"}))


def test_an_archive_that_lies_about_sizes_is_refused(tmp_path: Path) -> None:
    # Given a member that says it is ten times shorter than it is
    path = archive(tmp_path, {"a.csv": b"x" * 1000})
    data = path.read_bytes().replace(struct.pack("<I", 1000), struct.pack("<I", 100))
    path.write_bytes(data)

    # Then no more than it said is read, and its checksum gives it away
    assert refusal(path).startswith("a.csv: Bad CRC-32")


def test_members_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    # Given two members in the directory that are the same place of the file
    path = archive(tmp_path, {"a.csv": b"x" * 300, "b.csv": b"x" * 300}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = struct.pack("<I", 10)
    path.write_bytes(data)

    assert "lies inside another member" in refusal(path)


def test_links_and_encrypted_members_are_refused(tmp_path: Path) -> None:
    # Given a symbolic link
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    link.create_system = 3
    path = tmp_path / "link.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(link, "/etc/passwd")
    assert "is a link or a device" in refusal(path)

    # And a member with the flag of encryption
    path = archive(tmp_path, {"a.csv": b"x"})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "is encrypted" in refusal(path)


def test_methods_that_few_know_are_refused(tmp_path: Path) -> None:
    assert "is compressed by method 14" in refusal(archive(tmp_path, {"a.csv": b"x"}, zipfile.ZIP_LZMA))


@pytest.mark.parametrize("data", [b"", b"id,amount\n", b"PK\x03\x04" + bytes(50)])
def test_what_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    assert refusal(path).startswith("the file is no ZIP archive")


def test_an_archive_with_no_file_in_it_is_refused(tmp_path: Path) -> None:
    assert refusal(archive(tmp_path, {"empty/": b""})) == "there is no file in it"


def test_a_directory_that_would_fill_the_memory_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive(tmp_path, {f"{n}.csv": b"" for n in range(50)})
    monkeypatch.setattr(archives, "DIRECTORY_BYTES", 1000)
    assert refusal(path).startswith("its directory has more than 1000 bytes")


def test_no_record_hides_the_size_of_a_directory(tmp_path: Path) -> None:
    # Given an archive whose end is read from its last 22 bytes, one of which begins the signature of another end
    path = archive(tmp_path, {"a.csv": b"x"})
    data = bytearray(path.read_bytes())
    end = data.rindex(b"PK\x05\x06")
    data[end + 12 : end + 16] = struct.pack("<I", 1 << 30)
    data[end + 16 : end + 20] = b"PK\x05\x06"
    path.write_bytes(data)

    # Then what the reader would read is what counts
    assert directory_bytes(path) == 1 << 30


def test_whatever_bytes_are_wrong_the_archive_is_refused_or_read(tmp_path: Path) -> None:
    whole = archive(tmp_path, {"\u00e9.csv": b"id,amount\n" * 9, "b.csv": b"id\n"}).read_bytes()
    path = tmp_path / "broken.zip"
    for place in range(len(whole)):
        for value in (0, 0xFF, whole[place] ^ 1):
            path.write_bytes(whole[:place] + bytes([value]) + whole[place + 1 :])
            try:
                assert contents(path)
            except Rejection as rejection:
                assert rejection.reason == "ARCHIVE_REFUSED"


def test_a_member_without_a_name_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path, {"a": b"x"})
    path.write_bytes(path.read_bytes().replace(b"a", b"\0"))
    assert refusal(path) == "a member has no name"


def test_the_size_of_a_directory_is_read_as_the_reader_will(tmp_path: Path) -> None:
    # Given an archive, and one with the records for 64 bits
    path = archive(tmp_path, {"a.csv": b"x"})
    with zipfile.ZipFile(path) as opened:
        start = opened.start_dir
    end = path.read_bytes().rindex(b"PK\x05\x06")
    large = BytesIO()
    with zipfile.ZipFile(large, "w") as made:
        for number in range(70_000):
            made.writestr(zipfile.ZipInfo(f"{number:06}"), b"")
    huge = tmp_path / "huge.zip"
    huge.write_bytes(large.getvalue())

    # Then both say what their directories take
    assert directory_bytes(path) == end - start
    assert directory_bytes(huge) == 70_000 * (46 + 6)
