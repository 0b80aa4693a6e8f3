"""What becomes of a file between arrival and delivery, also when it is done twice."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any

import pysequoia
import pytest

from file_transfer.content import objects
from file_transfer.errors import NotFound, SourceGone, Timeout
from shared.schemas import problems
from tests.unit.file_transfer.content.world import LANDING, WORK, World

OURS = "arn:aws:secretsmanager:us-east-1:111122223333:secret:ours-a1b2c3"
US, PARTNER = pysequoia.Tsk.generate("us"), pysequoia.Tsk.generate("partner")
TEXT = b"id,amount\n1,2\n"
PUBLIC = str(PARTNER.extract_certificate())


def encrypted(text: bytes = TEXT) -> bytes:
    """A message of the partner's to us."""
    return bytes(pysequoia.encrypt(text, [US.extract_certificate()], PARTNER.signer()))


def opened(message: bytes) -> bytes:
    """What the partner reads in a message of ours."""
    return bytes(pysequoia.decrypt(message, PARTNER.decryptor()).bytes or b"")


def zipped(**files: bytes) -> bytes:
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.csv", text)
    return data.getvalue()


def world_of(dynamodb: Any, rules: Any = None, **processing: Any) -> World:
    """With our key in its secret."""
    world = World(dynamodb, rules, processing or None)
    world.secrets.texts[OURS] = [str(US)]
    return world


DECRYPT = {"keySecretArn": OURS}


def test_a_file_that_is_only_looked_into_is_copied_as_it_is(dynamodb: Any) -> None:
    world = world_of(dynamodb, {"type": {"allowed": ["csv"]}, "csv": {"header": ["id", "amount"]}})
    answer = world.prepare(world.arrive("a.csv", TEXT))
    assert answer["action"] == "COPY"
    assert "content" not in answer["transfer"]
    assert "PutObject" not in world.s3.calls


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"type": {"allowed": ["pdf", "zip"]}}, "TYPE_NOT_ALLOWED rules.type: the bytes are csv, text, not pdf, zip"),
        ({"csv": {"header": ["id"]}}, "CSV_INVALID rules.csv.header: 2 columns, not 1"),
        ({"json": {}}, "JSON_INVALID rules.json: "),
    ],
)
def test_a_file_that_breaks_a_rule_is_rejected_by_it(dynamodb: Any, rules: Any, said: str) -> None:
    world = world_of(dynamodb, rules)
    assert world.said(world.arrive("a.csv", TEXT)).startswith(f"REVIEW REJECTED {said}")


def test_what_was_delivered_in_part_is_not_asked_again(dynamodb: Any) -> None:
    world = world_of(dynamodb, {"json": {}})
    assert world.said(world.arrive("a.csv", TEXT, delivered=1)) == "COPY"
    assert "GetObject" not in world.s3.calls


def test_an_encrypted_file_is_opened_verified_and_checked(dynamodb: Any) -> None:
    rules = {"type": {"allowed": ["csv"]}, "csv": {"header": ["id", "amount"]}}
    world = world_of(dynamodb, rules, decrypt=DECRYPT, verify={"certificates": [PUBLIC]})
    assert world.content(world.arrive("a.csv.pgp", encrypted())) == TEXT
    assert world.said(world.arrive("b.csv.pgp", encrypted(b"id,x\n"))).startswith("REVIEW REJECTED CSV_INVALID")
    assert world.said(world.arrive("c.csv.pgp", TEXT)).startswith("REVIEW REJECTED DECRYPTION_FAILED")


def test_a_key_that_was_just_rotated_opens_at_once(dynamodb: Any) -> None:
    world = world_of(dynamodb, None, decrypt=DECRYPT)
    world.secrets.remembered[OURS] = [str(PARTNER)]
    assert world.content(world.arrive("a.csv.pgp", encrypted())) == TEXT


def test_what_is_delivered_can_be_encrypted(dynamodb: Any) -> None:
    world = world_of(dynamodb, None, decrypt=DECRYPT, encrypt={"certificates": [PUBLIC]})
    transfer = world.arrive("a.csv.pgp", encrypted())
    assert opened(world.content(transfer)) == TEXT
    assert world.prepare(transfer)["transfer"]["content"]["key"].endswith("/a.csv.pgp")


def test_what_was_made_before_is_used_again(dynamodb: Any) -> None:
    # Given a file that was encrypted, which comes out differently each time
    world = world_of(dynamodb, None, encrypt={"certificates": [PUBLIC]})
    transfer = world.arrive("a.csv", TEXT)
    first = world.content(transfer)
    reads = world.s3.calls.count("GetObject")

    # Then a retry copies the same bytes, and reads nothing again
    assert world.content({**transfer, "attempt": 2}) == first
    assert world.s3.calls.count("GetObject") == reads


def test_another_definition_makes_another_file(dynamodb: Any) -> None:
    # Given a file that was prepared under one definition
    world = world_of(dynamodb, None, encrypt={"certificates": [PUBLIC]})
    transfer = world.arrive("a.csv", TEXT)
    binary = world.content(transfer)

    # When the definition is changed, and the transfer replayed
    later = world_of(dynamodb, None, encrypt={"certificates": [PUBLIC], "armor": True})
    later.s3.objects = world.s3.objects

    # Then it is prepared anew
    armoured = later.content(transfer)
    assert armoured.startswith(b"-----BEGIN PGP MESSAGE-----")
    assert opened(armoured) == opened(binary) == TEXT


def test_a_name_as_long_as_s3_allows_leaves_room_for_ours(dynamodb: Any) -> None:
    world = world_of(dynamodb, None, encrypt={"certificates": [PUBLIC]})
    answer = world.prepare(world.arrive("ä" * 490 + ".csv", TEXT))
    assert len(answer["transfer"]["content"]["key"].encode()) < 300


def test_stricter_rules_are_asked_of_what_was_made_before(dynamodb: Any) -> None:
    # Given a file that passed its rules, was encrypted and reached no target
    world = world_of(dynamodb, {"csv": {"header": ["id", "amount"]}}, encrypt={"certificates": [PUBLIC]})
    transfer = world.arrive("a.csv", TEXT)
    assert opened(world.content(transfer)) == TEXT

    # When the rules are changed, and the transfer replayed
    later = world_of(dynamodb, {"csv": {"header": ["id"]}}, encrypt={"certificates": [PUBLIC]})
    later.s3.objects = world.s3.objects

    # Then it is judged by those of now
    assert later.said(transfer).startswith("REVIEW REJECTED CSV_INVALID")


@pytest.mark.parametrize("part_bytes", [objects.PART_BYTES, 100])
def test_a_write_whose_answer_is_lost_is_found_by_the_next_attempt(
    dynamodb: Any, monkeypatch: pytest.MonkeyPatch, part_bytes: int
) -> None:
    # Given a write, at once or in parts, that S3 carries out without an answer
    monkeypatch.setattr(objects, "PART_BYTES", part_bytes)
    world = world_of(dynamodb, None, encrypt={"certificates": [PUBLIC]})
    transfer = world.arrive("a.csv", TEXT)
    world.s3.lost = 1
    with pytest.raises(Timeout):
        world.prepare(transfer)

    # Then there is one object after the next attempt
    assert opened(world.content(transfer)) == TEXT
    assert [len(versions) for (bucket, _), versions in world.s3.objects.items() if bucket == WORK] == [1]


def test_a_large_file_is_written_in_parts(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "PART_BYTES", 1000)
    world = world_of(dynamodb, None, decrypt=DECRYPT)
    text = b"0123456789" * 350
    assert world.content(world.arrive("a.csv.pgp", encrypted(text))) == text
    assert world.s3.calls.count("UploadPart") == 4
    assert world.s3.uploads == {}


def test_a_file_that_does_not_fit_is_refused(dynamodb: Any) -> None:
    world = world_of(dynamodb, {"type": {"allowed": ["text"]}})
    assert "FILE_TOO_LARGE 1000001 bytes; at most 1000000 can be opened" in world.said(
        world.arrive("a.csv", b"x" * 1_000_001)
    )


def test_a_source_that_is_gone_or_another_is_an_error_of_the_copy(dynamodb: Any) -> None:
    world = world_of(dynamodb, {"type": {"allowed": ["text"]}})
    transfer = world.arrive("a.csv", TEXT)
    with pytest.raises(SourceGone):
        world.prepare({**transfer, "etag": "another"})
    world.s3.delete(LANDING, transfer["key"])
    with pytest.raises(SourceGone):
        world.prepare(transfer)


def test_a_secret_that_is_not_there_is_an_error_of_ours(dynamodb: Any) -> None:
    world = world_of(dynamodb, None, decrypt=DECRYPT)
    world.secrets.texts.clear()
    with pytest.raises(NotFound):
        world.prepare(world.arrive("a.csv.pgp", encrypted()))


def test_an_archive_becomes_its_members(dynamodb: Any) -> None:
    # Given an archive with two files
    world = world_of(dynamodb, {"csv": {"header": ["id", "amount"]}}, unzip={})
    transfer = world.arrive("a.zip", zipped(one=TEXT, two=b"id,amount\n"))

    # When it is prepared, it is itself not delivered
    answer = world.prepare(transfer)
    assert [(each["state"], each["reason"]) for each in answer["results"]] == [("SKIPPED", "UNPACKED")] * 2

    # Then each member is an object, announced by a message that names its version
    messages = world.queue.messages
    assert [problems("canonical-message", each) for each in messages] == [[], []]
    assert [each["key"] for each in messages] == [f"unpacked/{transfer['id']}/{n}.csv" for n in ("one", "two")]
    assert {(each["parentId"], each["customerId"], each["workflowId"]) for each in messages} == {
        (transfer["id"], "acme", "orders")
    }
    current = world.s3.current(WORK, messages[0]["key"])
    assert current and (current.body, current.version_id) == (TEXT, messages[0]["versionId"])


def test_an_archive_that_is_unpacked_twice_has_its_members_once(dynamodb: Any) -> None:
    # Given an archive whose worker dies before the members are announced
    world = world_of(dynamodb, None, unzip={})
    transfer = world.arrive("a.zip", zipped(one=TEXT, two=TEXT))
    world.queue.refusals = 1
    with pytest.raises(NotFound):
        world.prepare(transfer)

    # When it is unpacked again, and once more
    world.prepare(transfer)
    world.prepare(transfer)

    # Then both times the messages name the same versions
    first, again = world.queue.messages[:2], world.queue.messages[2:]
    assert first == again
    assert world.s3.calls.count("PutObject") == 2


def test_a_bad_archive_announces_no_member(dynamodb: Any) -> None:
    world = world_of(dynamodb, None, unzip={"maxFiles": 1})
    said = world.said(world.arrive("a.zip", zipped(one=TEXT, two=TEXT)))
    assert said == "REVIEW REJECTED ARCHIVE_REFUSED processing.unzip: 2 entries, more than maxFiles 1"
    assert world.queue.messages == []


def test_a_member_is_checked_and_encrypted_but_not_opened(dynamodb: Any) -> None:
    world = world_of(
        dynamodb, {"csv": {"header": ["id", "amount"]}}, decrypt=DECRYPT, unzip={}, encrypt={"certificates": [PUBLIC]}
    )
    member = world.arrive("one.csv", TEXT, parentId="0123456789abcdef")
    assert opened(world.content(member)) == TEXT
    assert world.prepare(member)["transfer"]["content"]["key"].endswith("/one.csv.pgp")
    bad = world.arrive("two.csv", b"x\n", parentId="0123456789abcdef")
    assert world.said(bad).startswith("REVIEW REJECTED CSV_INVALID")


def test_an_encrypted_archive_is_opened_and_unpacked(dynamodb: Any) -> None:
    world = world_of(dynamodb, None, decrypt=DECRYPT, unzip={})
    assert world.prepare(world.arrive("a.zip.pgp", encrypted(zipped(one=TEXT))))["action"] == "DONE"
    assert [each["key"].rpartition("/")[2] for each in world.queue.messages] == ["one.csv"]


def test_totals_are_read_from_the_done_file(dynamodb: Any) -> None:
    # Given a workflow whose done files hold the number of rows
    rules = {
        "csv": {"header": ["id", "amount"]},
        "controlTotals": {"in": "MARKER", "count": 1},
        "group": {"by": "DONE_FILE", "pattern": r"^(?P<file>.+)\.ctl$"},
    }
    world = world_of(dynamodb, rules)
    good, bad = world.arrive("a.csv", TEXT), world.arrive("b.csv", TEXT)
    for each in (good, bad):
        world.prepare(each)
    for name, count in (("a", b"1\n"), ("b", b"2\n")):
        world.prepare(world.arrive(f"{name}.csv.ctl", count))

    # Then the one passes whose number is right
    assert world.said(good) == "COPY"
    assert world.said(bad).startswith("REVIEW REJECTED CONTROL_TOTALS_DIFFER rules.controlTotals: count: 2 is told")
