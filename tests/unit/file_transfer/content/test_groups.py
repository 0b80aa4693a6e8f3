"""Files that wait for a done file or a manifest, in every order in which they may come."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from shared.schemas import problems
from tests.unit.file_transfer.content.world import World

FILE = {"by": "DONE_FILE", "pattern": r"^(?P<file>.+)\.done$"}
STEM = {"by": "DONE_FILE", "pattern": r"^(?P<stem>.+)\.ok$"}
FOLDER = {"by": "DONE_FILE", "pattern": r"^_SUCCESS$"}
MANIFEST = {"by": "MANIFEST", "pattern": r"\.mft$", "waitMinutes": 10}


def group(dynamodb: Any, rule: dict[str, Any]) -> World:
    """A workflow with this rule of groups."""
    return World(dynamodb, {"group": rule})


def test_a_file_waits_for_its_done_file(dynamodb: Any) -> None:
    # Given a file whose done file has not come
    world = group(dynamodb, FILE)
    data, other = world.arrive("a.csv"), world.arrive("b.csv")
    assert world.said(data) == "HOLD GROUP_INCOMPLETE waits for its done file"
    assert world.prepare(other)["action"] == "HOLD"

    # When it comes, it is itself no file to deliver
    answer = world.prepare(world.arrive("a.csv.done"))
    assert [(each["id"], each["state"], each["reason"]) for each in answer["results"]] == [
        ("s3", "SKIPPED", "GROUP_MARKER"),
        ("sftp", "SKIPPED", "GROUP_MARKER"),
    ]
    assert answer["results"][1]["record"]["M"]["overwrite"] == {"S": "never"}
    assert answer["results"][1]["record"]["M"]["attempts"] == {"N": "3"}

    # Then that file alone is sent on, by a message that the intake reads, and passes from then on
    (message,) = world.queue.messages
    assert problems("retry-message", message) == []
    assert (message["pk"], message["sk"], message["attempt"]) == (data["pk"], data["sk"], 1)
    assert world.released() == ["a.csv"]
    assert world.said(data) == "COPY"
    assert world.said(other).startswith("HOLD")


def test_a_done_file_that_was_first_does_not_count_for_what_comes_later(dynamodb: Any) -> None:
    # Given a file that was delivered with its done file
    world = group(dynamodb, FILE)
    first, done = world.arrive("a.csv"), world.arrive("a.csv.done")
    world.prepare(done)
    assert world.said(first) == "COPY"

    # When the file comes again, it waits for another done file, and the first is not bothered
    second = world.arrive("a.csv")
    assert world.said(second).startswith("HOLD")
    world.prepare(world.arrive("a.csv.done"))
    assert world.released() == ["a.csv"]
    assert (world.said(first), world.said(second)) == ("COPY", "COPY")


@pytest.mark.parametrize("rule", [STEM, FOLDER])
def test_one_done_file_may_vouch_for_several(dynamodb: Any, rule: dict[str, Any]) -> None:
    world = group(dynamodb, rule)
    files = [world.arrive("a.csv"), world.arrive("a.xml")]
    assert [world.prepare(each)["action"] for each in files] == ["HOLD", "HOLD"]

    world.prepare(world.arrive("a.ok" if rule is STEM else "_SUCCESS"))

    assert sorted(world.released()) == ["a.csv", "a.xml"]
    assert [world.said(each) for each in files] == ["COPY", "COPY"]


def test_folders_are_kept_apart(dynamodb: Any) -> None:
    world = group(dynamodb, FOLDER)
    data = world.arrive("a.csv", key="from-sftp/acme/one/a.csv")
    world.prepare(data)
    world.prepare(world.arrive("_SUCCESS", key="from-sftp/acme/two/_SUCCESS"))
    assert world.released() == []
    assert world.said(data).startswith("HOLD")


def test_a_done_file_is_delivered_where_that_is_asked_for(dynamodb: Any) -> None:
    world = group(dynamodb, {**FILE, "deliverMarker": True})
    assert world.said(world.arrive("a.csv.done")) == "COPY"


@pytest.mark.parametrize("order", list(itertools.permutations(["a.csv", "b.csv", "day.mft"])))
def test_files_of_a_manifest_go_on_once_all_are_there(dynamodb: Any, order: tuple[str, ...]) -> None:
    # Given a manifest of two files, which come in any order
    world = group(dynamodb, MANIFEST)
    transfers = {}
    actions = {}
    for name in order:
        transfers[name] = world.arrive(name, b"a.csv\nb.csv\n" if name == "day.mft" else b"x")
        actions[name] = world.prepare(transfers[name])["action"]

    # Then whoever comes last lets all go on, and nobody before
    assert all(actions[name] == "HOLD" for name in order[:-1] if name != "day.mft")
    waiting = {name for name in ("a.csv", "b.csv") if actions[name] == "HOLD"}
    assert set(world.released()) >= waiting
    assert [world.said(transfers[name]) for name in ("a.csv", "b.csv")] == ["COPY", "COPY"]


def test_a_file_that_waits_for_others_says_for_which(dynamodb: Any) -> None:
    world = group(dynamodb, MANIFEST)
    world.prepare(world.arrive("day.mft", b"a\nb\nc\nd\ne\n"))
    assert world.said(world.arrive("a")) == "HOLD GROUP_INCOMPLETE waits for b, c, d and 1 more"
    assert world.said(world.arrive("z")) == "HOLD GROUP_INCOMPLETE waits for a manifest that lists it"


def test_a_file_that_waits_in_vain_is_rejected_and_names_what_it_lacked(dynamodb: Any) -> None:
    # Given a file of a manifest whose other file never comes
    world = group(dynamodb, MANIFEST)
    world.prepare(world.arrive("day.mft", b"a.csv\nb.csv\n"))
    data = world.arrive("a.csv")
    world.prepare(data)

    # When its time is over
    world.clock.forward(9 * 60)
    assert world.said(data).startswith("HOLD")
    world.clock.forward(60)

    # Then it is rejected; a replay begins to wait anew
    assert world.said(data).startswith("REVIEW REJECTED GROUP_INCOMPLETE rules.group.waitMinutes: waited in vain for")
    assert world.said({**data, "attempt": 2, "round": "1-0"}).startswith("HOLD")


def test_what_a_manifest_says_of_a_file_is_compared(dynamodb: Any) -> None:
    # Given a manifest with a wrong size and a wrong digest
    world = group(dynamodb, MANIFEST)
    world.prepare(world.arrive("day.mft", b"a.csv,2\nb.csv,1," + b"00" * 32 + b"\n"))
    files = [world.arrive("a.csv"), world.arrive("b.csv")]
    for each in files:
        world.prepare(each)

    # Then both files are refused once they would go on
    assert world.said(files[0]).startswith("REVIEW REJECTED MANIFEST_DIFFERS rules.group: 1 bytes, the manifest says 2")
    assert world.said(files[1]).startswith("REVIEW REJECTED MANIFEST_DIFFERS rules.group: SHA-256 2d711642b7")


def test_a_manifest_of_yesterday_does_not_let_files_of_today_go_on(dynamodb: Any) -> None:
    # Given a manifest that is done with
    world = group(dynamodb, MANIFEST)
    first = world.arrive("a.csv")
    world.prepare(first)
    world.prepare(world.arrive("day.mft", b"a.csv\n"))
    assert world.released() == ["a.csv"]

    # When the file comes again, it waits for the next one
    second = world.arrive("a.csv")
    assert world.said(second).startswith("HOLD")
    world.prepare(world.arrive("day.mft", b"a.csv\n"))
    assert world.released() == ["a.csv"]
    assert (world.said(first), world.said(second)) == ("COPY", "COPY")


def test_a_later_manifest_is_not_about_an_earlier_file(dynamodb: Any) -> None:
    # Given a file that its manifest let go on, and that is retried
    world = group(dynamodb, MANIFEST)
    data = world.arrive("a.csv")
    world.prepare(data)
    world.prepare(world.arrive("day.mft", b"a.csv,1\n"))

    # When the manifest of its successor comes first
    world.prepare(world.arrive("day.mft", b"a.csv,2\n"))

    # Then it is held to its own
    assert world.said(data) == "COPY"


def test_a_manifest_that_cannot_be_read_goes_to_a_person(dynamodb: Any) -> None:
    world = group(dynamodb, MANIFEST)
    assert world.said(world.arrive("day.mft", b"")).startswith("REVIEW REJECTED MANIFEST_INVALID")
    assert "more than 1048576 bytes" in world.said(world.arrive("day.mft", b"a" * (1 << 20) + b"b"))


@pytest.mark.parametrize("rule", [FILE, MANIFEST])
def test_a_worker_that_dies_while_it_releases_is_made_up_for(dynamodb: Any, rule: dict[str, Any]) -> None:
    # Given a marker whose worker cannot send
    world = group(dynamodb, rule)
    data = world.arrive("a.csv")
    world.prepare(data)
    marker = world.arrive("a.csv.done" if rule is FILE else "day.mft", b"a.csv\n")
    world.queue.refusals = 1
    with pytest.raises(Exception, match="the queue is away"):
        world.prepare(marker)

    # When its message comes again
    world.prepare(marker)

    # Then the file is sent on after all
    assert world.released() == ["a.csv"]
    assert world.said(data) == "COPY"


def test_a_file_that_was_just_missed_passes_when_it_is_looked_at_again(dynamodb: Any) -> None:
    # Given a done file whose release reached nobody, since the message got lost
    world = group(dynamodb, FILE)
    data = world.arrive("a.csv")
    world.prepare(data)
    world.prepare(world.arrive("a.csv.done"))
    world.queue.messages.clear()

    # When the sweep wakes the file, then it goes on
    assert world.said({**data, "attempt": 2}) == "COPY"


def test_members_of_archives_wait_for_nothing(dynamodb: Any) -> None:
    world = group(dynamodb, FILE)
    assert world.said(world.arrive("a.csv", parentId="0123456789abcdef")) == "COPY"
