"""Lines for slots: never more holders than slots, first come first, and nobody is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quicksight_migration.records import slots
from quicksight_migration.records.beside import SlotLine

NOW = "2026-01-02T03:04:05.000000Z"
OWNERS = [f"job-{number}#ExportAssets" for number in range(8)]


def line(*holders: int, queue: tuple[int, ...] = ()) -> SlotLine:
    return SlotLine(
        job_id="SLOT#1#r#EXPORT",
        holders={OWNERS[number]: {"since": NOW} for number in holders},
        queue=tuple({"owner": OWNERS[number], "since": NOW} for number in queue),
    )


def queue_of(stood: SlotLine) -> list[str]:
    return [each.owner for each in stood.waiting]


def test_whoever_comes_first_holds_a_slot_and_the_next_waits() -> None:
    stood = line()
    for owner in OWNERS[:3]:
        stood = slots.stand(stood, owner, NOW, 2)
    assert (list(stood.holders), queue_of(stood)) == (OWNERS[:2], [OWNERS[2]])


def test_asking_again_changes_nothing() -> None:
    stood = line(0, queue=(1, 2))
    for owner in OWNERS[:3]:
        assert slots.stand(stood, owner, NOW, 1) is stood


def test_a_slot_that_comes_free_is_for_whoever_waits_longest_not_for_whoever_comes() -> None:
    left = slots.leave(line(0, queue=(1, 2)), lambda owner: owner == OWNERS[0], NOW, 1)
    assert (list(left.holders), queue_of(left)) == ([OWNERS[1]], [OWNERS[2]])
    assert slots.granted(line(0, queue=(1, 2)), left) == [OWNERS[1]]
    # Also when more slots are allowed, and somebody else asks first
    asked = slots.stand(line(0, queue=(1, 2)), OWNERS[3], NOW, 2)
    assert (list(asked.holders), queue_of(asked)) == ([OWNERS[0], OWNERS[1]], [OWNERS[2], OWNERS[3]])


def test_fewer_slots_than_holders_admit_nobody_and_take_from_nobody() -> None:
    stood = line(0, 1, 2, queue=(3,))
    assert slots.call_up(stood, NOW, 1) is stood
    left = slots.leave(stood, slots.of_job("job-0"), NOW, 2)
    assert (len(left.holders), queue_of(left)) == (2, [OWNERS[3]])


def test_a_job_leaves_with_all_its_steps_and_with_nobody_elses() -> None:
    stood = SlotLine(
        job_id="SLOT#1#r#EXPORT",
        holders={"job-1#ExportAssets": {"since": NOW}, "job-10#ExportAssets": {"since": NOW}},
        queue=({"owner": "job-1#BackupTarget", "since": NOW},),
    )
    left = slots.leave(stood, slots.of_job("job-1"), NOW, 5)
    assert (list(left.holders), queue_of(left)) == (["job-10#ExportAssets"], [])


def test_each_kind_has_its_own_limit() -> None:
    assert slots.limit_of("SLOT#1#r#EXPORT", 5, 3) == 5
    assert slots.limit_of("SLOT#1#r#IMPORT", 5, 3) == 3


@given(st.integers(1, 3), st.lists(st.tuples(st.booleans(), st.sampled_from(OWNERS)), max_size=60))
def test_however_they_come_and_go_the_line_is_fair(limit: int, moves: list[tuple[bool, str]]) -> None:
    stood, arrived = line(), []
    admitted: list[str] = []
    for comes, owner in moves:
        before = stood
        if comes:
            waits = owner in stood.holders or owner in queue_of(stood)
            stood = slots.stand(stood, owner, NOW, limit)
            arrived += [] if waits else [owner]
        else:
            gone = [owner] if owner in queue_of(stood) else []
            stood = slots.leave(stood, lambda each, owner=owner: each == owner, NOW, limit)  # type: ignore[misc]
            for each in gone:
                arrived.remove(each)
        for each in slots.granted(before, stood):
            assert arrived.pop(0) == each
            admitted.append(each)
        # Never more than the limit, never an idle slot while somebody waits, nobody twice
        assert len(stood.holders) <= limit
        assert not stood.queue or len(stood.holders) == limit
        assert queue_of(stood) == arrived
        assert not set(queue_of(stood)) & set(stood.holders)
