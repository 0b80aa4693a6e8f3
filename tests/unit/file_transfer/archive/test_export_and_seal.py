"""Records leave their table once each; each hour is sealed once, also the empty one, whoever dies in between."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from file_transfer.archive.sealing import Seal
from tests.unit.file_transfer.archive.archive_world import Archive, trail


@pytest.fixture
def archive() -> Archive:
    return Archive()


def test_a_batch_is_one_object_named_by_its_place_in_the_stream(archive: Archive) -> None:
    key = archive.export(*trail("a.csv", 2))
    assert key == "audit/2026-03-01T20/100001-100002.jsonl"
    lines = archive.bucket.objects[key].decode().splitlines()
    assert [json.loads(line) for line in lines] == trail("a.csv", 2)


def test_a_batch_that_comes_again_is_found_written(archive: Archive) -> None:
    # Given a batch whose answer was lost after it was stored
    batch = archive.changes(trail("a.csv", 2))
    archive.bucket.lost = 1
    with pytest.raises(ClientError):
        archive.exporter.export(batch, archive.now)
    # When the stream delivers it again, then it stays one object
    assert archive.exporter.export(batch, archive.now) in archive.bucket.objects
    assert len(archive.bucket.objects) == 1


def test_what_is_no_new_record_is_not_exported(archive: Archive) -> None:
    assert archive.exporter.export(archive.changes(trail("a.csv", 1), kind="MODIFY"), archive.now) == ""
    assert archive.bucket.objects == {}


def test_an_hour_is_sealed_when_no_export_can_come_any_more(archive: Archive) -> None:
    archive.export(*trail("a.csv", 1))
    # 20:10 + 1 h = 21:10: an export of 20:59 may still be under way
    assert archive.seal(hours=1) == []
    [seal] = archive.seal(hours=0.25)
    assert (seal.hour, seal.objects) == ("2026-03-01T20", 1)
    assert archive.seal() == []


def test_hours_without_records_are_sealed_too_and_each_names_the_one_before(archive: Archive) -> None:
    archive.export(*trail("a.csv", 1))
    seals = archive.seal(hours=4)
    assert [seal.hour for seal in seals] == ["2026-03-01T20", "2026-03-01T21", "2026-03-01T22"]
    manifests = [json.loads(archive.bucket.objects[f"manifests/{seal.hour}.json"]) for seal in seals]
    assert [each["previousDigest"] for each in manifests] == ["", seals[0].digest, seals[1].digest]


def test_nothing_is_sealed_before_the_first_record(archive: Archive) -> None:
    assert archive.seal(hours=48) == []


def test_a_run_that_dies_goes_on_where_it_was(archive: Archive) -> None:
    # Given a seal whose answer was lost, so that the run ended there
    archive.export(*trail("a.csv", 1))
    archive.bucket.lost = 1
    with pytest.raises(ClientError):
        archive.seal(hours=3)
    # When the next one runs, then it goes on with the hour after
    assert [seal.hour for seal in archive.seal()] == ["2026-03-01T21"]


def test_two_runs_at_a_time_agree(archive: Archive) -> None:
    # Given two runs that have both seen the same hour to seal
    archive.export(*trail("a.csv", 1))
    hour, previous = archive.sealer._next()
    first = archive.sealer._seal(hour, previous)
    # When an object comes between them, against all rules, then what is sealed counts
    archive.export(*trail("b.csv", 1))
    assert archive.sealer._seal(hour, previous) == Seal(hour, first.digest, 2)


def test_what_is_sealed_says_so_by_hash(archive: Archive) -> None:
    key = archive.export(*trail("a.csv", 1))
    archive.seal(hours=2)
    [entry] = json.loads(archive.bucket.objects["manifests/2026-03-01T20.json"])["objects"]
    assert (entry["key"], entry["bytes"]) == (key, len(archive.bucket.objects[key]))
