"""Whatever is done to a copy of the archive, the verifier finds it; done to nothing, it finds nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from file_transfer.archive.manifest import digest_of
from file_transfer.archive.verification import verify
from file_transfer.records.audit import record_hash
from shared.canonical import canonical_json
from tests.unit.file_transfer.archive.archive_world import Archive, trail

FIRST, SECOND = "audit/2026-03-01T20/100001-100005.jsonl", "audit/2026-03-01T22/100006-100007.jsonl"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three sealed hours, the second of them empty, and one object of an hour that is not sealed yet."""
    archive = Archive()
    long = trail("a.csv", 3)
    archive.export(*trail("b.csv", 2), *long)
    archive.seal(hours=2)
    archive.export(*trail("c.csv", 2))
    archive.seal(hours=1.5)
    archive.export(*trail("d.csv", 1))
    return archive.copy_to(tmp_path)


def test_a_whole_trail_is_found_whole(folder: Path) -> None:
    report = verify(folder)
    assert report.findings == []
    assert (report.hours, report.first_hour, report.last_hour) == (3, "2026-03-01T20", "2026-03-01T22")
    assert (report.objects, report.records, report.transfers) == (3, 8, 4)
    assert report.unsealed == ["2026-03-01T23"]
    assert report.head == digest_of((folder / "manifests/2026-03-01T22.json").read_text())


def test_a_batch_exported_twice_is_counted_once(folder: Path) -> None:
    again = folder / "audit/2026-03-01T23/again.jsonl"
    again.write_bytes((folder / FIRST).read_bytes())
    report = verify(folder)
    assert (report.findings, report.records) == ([], 8)


def test_no_byte_can_be_changed_unnoticed(folder: Path) -> None:
    """Whatever a changed byte makes of a file, it is a finding, and the verifier goes on to the next."""
    head = verify(folder).head
    for name in (FIRST, "manifests/2026-03-01T20.json", "manifests/2026-03-01T22.json"):
        path = folder / name
        whole = path.read_bytes()
        for place in range(0, len(whole), 3):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            assert verify(folder, head).findings, f"byte {place} of {name}"
        path.write_bytes(whole)
    assert verify(folder, head).findings == []


@pytest.mark.parametrize("text", ["[]", '{"PK": [], "SK": 1}', "null", '"PK"'])
def test_what_is_json_and_no_record_is_unreadable(folder: Path, text: str) -> None:
    (folder / "audit/2026-03-01T23/other.jsonl").write_text(f"{text}\n")
    assert [each.kind for each in verify(folder).findings] == ["UNREADABLE"]


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines(keepends=True)


def change_a_record(folder: Path) -> None:
    path = folder / FIRST
    path.write_text(path.read_text().replace('"SUCCESS"', '"FAILED"', 1))


def change_a_record_and_its_hash(folder: Path) -> None:
    """As somebody would who knows how hashes are made."""
    path = folder / FIRST
    record = {**json.loads(lines(path)[0]), "status": "FAILED"}
    record["hash"] = record_hash(record)
    path.write_text(canonical_json(record) + "\n" + "".join(lines(path)[1:]))


def drop_the_last_record_of_a_transfer(folder: Path) -> None:
    path = folder / FIRST
    path.write_text("".join(lines(path)[:-1]))


def drop_a_record_in_the_middle(folder: Path) -> None:
    path = folder / FIRST
    path.write_text("".join(line for number, line in enumerate(lines(path)) if number != 3))


def swap_two_records(folder: Path) -> None:
    path = folder / FIRST
    first, second, *others = lines(path)
    path.write_text("".join([second, first, *others]))


def remove_an_object(folder: Path) -> None:
    (folder / SECOND).unlink()


def add_an_object(folder: Path) -> None:
    (folder / "audit/2026-03-01T21/999999-999999.jsonl").parent.mkdir(exist_ok=True)
    (folder / "audit/2026-03-01T21/999999-999999.jsonl").write_text(canonical_json(trail("x.csv", 1)[0]) + "\n")


def swap_two_objects(folder: Path) -> None:
    first, second = (folder / FIRST).read_bytes(), (folder / SECOND).read_bytes()
    (folder / FIRST).write_bytes(second)
    (folder / SECOND).write_bytes(first)


def remove_an_hour(folder: Path) -> None:
    (folder / "manifests/2026-03-01T21.json").unlink()


def remove_an_hour_with_all_its_objects(folder: Path) -> None:
    (folder / SECOND).unlink()
    (folder / "manifests/2026-03-01T22.json").unlink()
    (folder / "manifests/2026-03-01T23.json").write_text(
        canonical_json({"version": 1, "hour": "2026-03-01T23", "previousDigest": "0" * 64, "objects": []})
    )


def rename_a_manifest(folder: Path) -> None:
    (folder / "manifests/2026-03-01T22.json").rename(folder / "manifests/2026-03-01T23.json")


def edit_a_manifest(folder: Path) -> None:
    path = folder / "manifests/2026-03-01T20.json"
    manifest = json.loads(path.read_text())
    path.write_text(canonical_json({**manifest, "objects": []}))


def write_rubbish(folder: Path) -> None:
    (folder / FIRST).write_text("not json\n")


def write_half_a_record(folder: Path) -> None:
    (folder / "audit/2026-03-01T23/half.jsonl").write_text('{"PK": "FILE#bank#z.csv"}\n')


def break_a_manifest(folder: Path) -> None:
    (folder / "manifests/2026-03-01T21.json").write_text("{")


TAMPERINGS = {
    change_a_record: "EDITED",
    change_a_record_and_its_hash: "EDITED",
    drop_the_last_record_of_a_transfer: "EDITED",
    drop_a_record_in_the_middle: "MISSING",
    swap_two_records: "REORDERED",
    remove_an_object: "MISSING",
    add_an_object: "UNKNOWN",
    swap_two_objects: "EDITED",
    remove_an_hour: "MISSING",
    remove_an_hour_with_all_its_objects: "EDITED",
    rename_a_manifest: "REORDERED",
    edit_a_manifest: "EDITED",
    write_rubbish: "UNREADABLE",
    write_half_a_record: "UNREADABLE",
    break_a_manifest: "UNREADABLE",
}


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda each: each.__name__)
def test_every_tampering_is_found(folder: Path, tamper: Callable[[Path], None]) -> None:
    tamper(folder)
    assert TAMPERINGS[tamper] in {each.kind for each in verify(folder).findings}


def test_an_end_that_was_cut_off_is_found_by_whoever_knows_a_digest(folder: Path) -> None:
    # Given the digest that seal-audit logged for the last hour
    head = verify(folder).head
    assert verify(folder, head).findings == []
    # When the last hour vanishes without a trace
    (folder / SECOND).unlink()
    (folder / "manifests/2026-03-01T22.json").unlink()
    (folder / "audit/2026-03-01T23/100008-100008.jsonl").unlink()
    # Then the folder alone looks whole, and the digest says that it is not
    assert verify(folder).findings == []
    assert [each.kind for each in verify(folder, head).findings] == ["MISSING"]


def test_a_folder_that_is_no_copy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="neither"):
        verify(tmp_path)
