"""Starting a wave: intents before calls, adoption after lost answers, locks, quotas, conflicts."""

from __future__ import annotations

from typing import Any

import pytest

from disaster_recovery.errors import ExecutionCancelled, FateUnknown, LostRace, NotFound
from disaster_recovery.launch.adoption import tags_of
from disaster_recovery.records.execution import Execution, Intent
from disaster_recovery.records.history import server_lock
from disaster_recovery.records.record import Record, changed
from disaster_recovery.records.store import Store
from shared.clock import stamp
from tests.unit.disaster_recovery.recovery_world import ID, SWITCH, World, server_id


def inject(world: World, action: str, operation: str = "StartRecovery", nth: int = 1, **more: Any) -> None:
    world.simulator.inject({"operation": operation, "nth": [nth], "action": {"type": action, **more}})


def test_a_wave_starts_with_one_tagged_job() -> None:
    # Given a wave of two servers
    world = World()
    # When it starts
    assert world.start() == {"started": 2, "waiting": 0}
    # Then there is one job that says whose it is, an intent that knows it, locks, and a wave that is on its way
    (job,) = world.our_jobs()
    (intent,) = world.intents()
    assert (
        job["tags"]
        == tags_of(intent)
        == {
            "towpath:executionId": ID,
            "towpath:wave": "1",
            "towpath:attempt": "1",
            "towpath:chunk": "1",
        }
    )
    assert (intent.intent_state, intent.job_id, intent.sends) == ("STARTED", job["jobID"], 1)
    assert world.owners() == {intent.owner}
    assert (world.wave().wave_status, world.execution.status, world.execution.current_wave) == (
        "LAUNCHING",
        "POLLING",
        1,
    )
    assert world.kinds()[-1] == "WAVE_STARTED"


def test_starting_again_starts_nothing_again() -> None:
    world = World()
    world.start()
    assert world.start() == {"started": 2, "waiting": 0}
    assert len(world.jobs()) == 1
    assert world.kinds().count("WAVE_STARTED") == 1


@pytest.mark.parametrize(("kind", "expected"), [("DRILL", "START_DRILL"), ("RECOVERY", "START_RECOVERY")])
def test_a_drill_is_a_drill_and_a_recovery_a_recovery(kind: str, expected: str) -> None:
    world = World(kind=kind)
    world.start()
    assert world.jobs()[0]["initiatedBy"] == expected


def test_the_intent_is_written_before_the_call() -> None:
    # Given a call that is refused for lack of permission to look at anything afterwards
    world = World()
    seen: list[list[Intent]] = []
    real = world.drs.start_recovery

    def start(*arguments: Any, **more: Any) -> Any:
        seen.append(world.intents())
        return real(*arguments, **more)

    world.drs.start_recovery = start  # type: ignore[method-assign]
    # When the wave starts
    world.start()
    # Then the store knew of it when the call was made
    assert [intent.intent_state for intent in seen[0]] == ["SENT"]


def test_a_lost_answer_is_adopted_not_repeated() -> None:
    # Given a StartRecovery whose answer gets lost after the job was made
    world = World()
    inject(world, "lost_response")
    # When the wave starts
    assert world.start() == {"started": 2, "waiting": 0}
    # Then there is one job, and it is ours
    (intent,) = world.intents()
    assert [job["jobID"] for job in world.jobs()] == [intent.job_id]
    assert SWITCH.calls.count("StartRecovery") == 1


def test_a_job_that_does_not_show_yet_is_waited_for() -> None:
    # Given a lost answer, and a list of jobs that lags behind for 40 seconds
    world = World()
    inject(world, "late_visibility", seconds=40)
    # When the wave starts, nobody knows
    job = _start_and_lose(world)
    assert world.intents()[0].intent_state == "SENT"
    # And it is not sent again within the grace
    world.later(20)
    world.start()
    # Then it is adopted when it shows
    world.later(25)
    assert world.start() == {"started": 2, "waiting": 0}
    assert world.intents()[0].job_id == job
    assert SWITCH.calls.count("StartRecovery") == 1


def _start_and_lose(world: World) -> str:
    """The call is carried out, its answer gets lost, and the servers do not tell of their last launch."""
    real, servers = world.drs.start_recovery, world.drs.source_servers

    def lose(*arguments: Any, **more: Any) -> Any:
        real(*arguments, **more)
        raise FateUnknown("no answer")

    world.drs.start_recovery = lose  # type: ignore[method-assign]
    world.drs.source_servers = lambda *_: []  # type: ignore[method-assign]
    world.start()
    world.drs.start_recovery, world.drs.source_servers = real, servers  # type: ignore[method-assign]
    return str(next(iter(world.simulator.state.jobs)))


def test_a_call_that_never_arrived_is_sent_again_after_the_grace() -> None:
    # Given a 500 before anything was done
    world = World()
    inject(world, "error", status=500)
    world.start()
    assert (world.intents()[0].intent_state, world.jobs()) == ("SENT", [])
    # When a start comes within the grace, nothing is sent; after it, the same intent is
    world.later(30)
    assert world.start() == {"started": 0, "waiting": 0}
    world.later(31)
    assert world.start() == {"started": 2, "waiting": 0}
    # Then there is one intent with two sends, and one job
    (intent,) = world.intents()
    assert (intent.sends, len(world.jobs())) == (2, 1)


def test_a_conflict_with_our_own_job_is_adopted() -> None:
    # Given a worker that died after its call was carried out
    world = World()
    world.start()
    (intent,) = world.intents()
    forgotten = changed(
        intent, intent_state="SENT", job_id=None, sent_at=stamp(world.clock()), created_at=stamp(world.clock())
    )
    assert world.store.save(forgotten)
    # When the wave starts again
    world.start()
    # Then the job is found, not started a second time
    assert world.intents()[0].job_id == intent.job_id
    assert len(world.jobs()) == 1


def test_without_tags_a_job_is_known_by_its_servers_and_last_launches() -> None:
    world = World()
    inject(world, "lost_response")
    real = world.drs.jobs_since
    world.drs.jobs_since = lambda since: []  # type: ignore[method-assign]
    world.start()
    world.drs.jobs_since = real  # type: ignore[method-assign]
    assert world.intents()[0].job_id == world.jobs()[0]["jobID"]


def test_a_job_of_somebody_else_is_not_adopted() -> None:
    # Given somebody who starts the same servers between our look and our call
    world = World(plan={"conflictPolicy": "WAIT"})
    real = world.drs.start_recovery

    def beaten(*arguments: Any, **more: Any) -> Any:
        world.simulator.call(
            "StartRecovery",
            {
                "sourceServers": [{"sourceServerID": server_id(1)}, {"sourceServerID": server_id(2)}],
                "tags": {"towpath:executionId": "ex-other"},
            },
        )
        return real(*arguments, **more)

    world.drs.start_recovery = beaten  # type: ignore[method-assign]
    # When the wave starts
    assert world.start() == {"started": 0, "waiting": 2}
    # Then the intent is refused, the locks are free, and the servers wait
    assert [(intent.intent_state, intent.reason) for intent in world.intents()] == [("REFUSED", "CONFLICT")]
    assert world.owners() == set()


@pytest.mark.parametrize(
    ("policy", "status", "answer"),
    [("WAIT", "PENDING", {"started": 1, "waiting": 1}), ("SKIP", "SKIPPED", {"started": 1, "waiting": 0})],
)
def test_a_server_in_a_job_of_somebody_else_waits_or_is_left_out(
    policy: str, status: str, answer: dict[str, int]
) -> None:
    world = World(plan={"conflictPolicy": policy})
    world.external_job(1)
    assert world.start() == answer
    assert world.server(1).launch_status == status


def test_a_server_in_a_job_of_somebody_else_fails_if_the_plan_says_so() -> None:
    world = World(plan={"conflictPolicy": "FAIL"})
    job = world.external_job(1)
    world.start()
    assert (world.server(1).launch_status, world.server(1).error_message) == ("FAILED", f"held by {job}")


def test_a_server_that_another_execution_has_locked_waits() -> None:
    # Given another execution that is about to start server 1
    world = World()
    other = Intent(execution_id="ex-2", wave_number=1, attempt=1, chunk=1, source_server_ids=(server_id(1),))
    assert world.store.save(other, Execution(execution_id="ex-2", status="POLLING"))
    key = server_lock("own", "us-east-1", server_id(1))
    assert not world.store.acquire([key], owner=other.owner, holder="ex-2", locked_at=stamp(world.clock()))
    # When the wave starts, only server 2 does
    assert world.start() == {"started": 1, "waiting": 1}
    # When the other one is done, server 1 follows
    world.store.release([key], owner=other.owner)
    assert world.start() == {"started": 2, "waiting": 0}


def test_a_lock_whose_owner_is_dead_is_taken_over() -> None:
    # Given a lock whose intent has ended, and one whose intent never was
    world = World()
    ended = Intent(
        execution_id="ex-2", wave_number=1, attempt=1, chunk=1, source_server_ids=(server_id(1),), intent_state="ENDED"
    )
    assert world.store.save(ended)
    now = stamp(world.clock())
    for number, owner in ((1, ended.owner), (2, "ex-2#001#A01#C009")):
        key = server_lock("own", "us-east-1", server_id(number))
        assert not world.store.acquire([key], owner=owner, holder="ex-2", locked_at=now)
    # When the wave starts, it is not held up
    assert world.start() == {"started": 2, "waiting": 0}


def test_a_wave_is_cut_into_jobs_that_the_quotas_allow() -> None:
    world = World(waves=[range(1, 8)], quotas={"serversPerJob": 3})
    assert world.start() == {"started": 7, "waiting": 0}
    assert sorted(len(job["participatingServers"]) for job in world.jobs()) == [1, 3, 3]
    assert [intent.sort_key for intent in world.intents()] == [f"INTENT#001#A01#C00{number}" for number in (1, 2, 3)]


@pytest.mark.parametrize(
    ("quotas", "started"),
    [({"serversPerJob": 2, "concurrentJobs": 2}, 4), ({"serversInAllJobs": 5}, 5), ({"concurrentJobs": 0}, 0)],
)
def test_what_does_not_fit_waits(quotas: dict[str, int], started: int) -> None:
    world = World(waves=[range(1, 8)], quotas=quotas)
    assert world.start() == {"started": started, "waiting": 7 - started}


def test_jobs_of_others_count_against_the_quotas() -> None:
    world = World(waves=[(1, 2)], quotas={"concurrentJobs": 1})
    world.external_job(3)
    assert world.start() == {"started": 0, "waiting": 2}
    assert SWITCH.calls.count("StartRecovery") == 0


def test_a_quota_that_drs_knows_better_makes_the_wave_wait() -> None:
    # Given quotas that look larger than DRS enforces
    world = World(waves=[range(1, 5)], quotas={"serversInAllJobs": 2})
    quotas = world.read_quotas()
    object.__setattr__(quotas, "servers_in_all_jobs", 500)
    world.read_quotas = lambda: quotas  # type: ignore[method-assign]
    # When the wave starts
    assert world.start() == {"started": 0, "waiting": 4}
    # Then the refusal is kept by its code and the locks are free
    (intent,) = world.intents()
    assert (intent.intent_state, intent.reason) == ("REFUSED", "L-05AFA8C6")
    assert world.owners() == set()


def test_a_quota_that_cannot_be_read_starts_nothing() -> None:
    world = World()
    world.quotas_readable = False
    assert world.start() == {"started": 0, "waiting": 2}
    assert world.jobs() == []
    assert world.counted["QuotaUnreadable"] == 1


@pytest.mark.parametrize("operation", ["DescribeJobs", "StartRecovery"])
def test_a_throttle_makes_the_wave_wait_and_fails_nothing(operation: str) -> None:
    world = World()
    inject(world, "throttle", operation)
    assert world.start() == {"started": 0, "waiting": 2}
    assert world.states() == ["PENDING", "PENDING"]
    assert world.start() == {"started": 2, "waiting": 0}


def test_a_permission_that_is_missing_fails_the_servers_with_its_name() -> None:
    world = World()
    inject(world, "error", code="AccessDeniedException", status=403, message="not allowed to start")
    assert world.start() == {"started": 0, "waiting": 0}
    assert world.states() == ["FAILED", "FAILED"]
    assert "not allowed to start" in str(world.server(1).error_message)


def test_a_server_that_is_gone_fails_alone() -> None:
    # Given a server that was removed from DRS after the plan was checked
    world = World(waves=[(1, 2, 9)], extra_servers=0)
    del world.simulator.state.servers[server_id(9)]
    assert world.start() == {"started": 2, "waiting": 0}
    assert world.server(9).launch_status == "FAILED"
    assert world.server(1).launch_status == "PENDING"


def test_a_cancelled_execution_starts_nothing() -> None:
    world = World()
    world.cancel()
    with pytest.raises(ExecutionCancelled):
        world.start()
    assert world.jobs() == []


def test_a_cancel_in_the_last_moment_still_starts_nothing() -> None:
    # Given a cancel that is recorded between the intent and its call
    world = World()
    real = world.store.write

    def write(records: Any, unchanged: Any = ()) -> bool:
        sending = any(isinstance(each, Intent) and each.intent_state == "SENT" for each in records)
        if sending and not world.execution.cancel_requested:
            world.cancel()
        return real(records, unchanged)

    world.store.write = write  # type: ignore[method-assign]
    # When the wave starts
    with pytest.raises(ExecutionCancelled):
        world.start()
    # Then nothing was called
    assert SWITCH.calls.count("StartRecovery") == 0
    assert [intent.intent_state for intent in world.intents()] == ["PLANNED"]


class Killed(Exception):
    """The worker dies here."""


class DyingStore:
    """Kills the worker at the nth write, before or after it was made."""

    def __init__(self, store: Store, at: int, after: bool) -> None:
        self._real, self._left, self._after = store.write, at, after

    def write(self, records: Any, unchanged: Any = ()) -> bool:
        self._left -= 1
        if self._left == 0 and not self._after:
            raise Killed
        written = self._real(records, unchanged)
        if self._left == 0:
            raise Killed
        return written


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 9))
def test_a_worker_may_die_at_any_write(at: int, after: bool) -> None:
    # Given a start that dies at one of its writes
    world = World()
    real = world.store.write
    world.store.write = DyingStore(world.store, at, after).write  # type: ignore[method-assign]
    try:
        world.start()
    except Killed:
        pass
    world.store.write = real  # type: ignore[method-assign]
    # When the machine calls again, at once and after the grace
    world.start()
    world.later(61)
    assert world.start() == {"started": 2, "waiting": 0}
    # Then there is one job of ours and everything else is in order
    (job,) = world.jobs()
    assert [intent.job_id for intent in world.intents() if intent.intent_state == "STARTED"] == [job["jobID"]]
    assert world.wave().wave_status == "LAUNCHING"


def test_writers_that_never_stop_are_a_lost_race_not_a_hang() -> None:
    world = World()
    real = world.store.write

    def write(records: list[Record], unchanged: Any = ()) -> bool:
        return False if any(isinstance(each, Intent) for each in records) else real(records, unchanged)

    world.store.write = write  # type: ignore[method-assign,assignment]
    with pytest.raises(LostRace):
        world.start()


def test_what_does_not_exist_is_not_started() -> None:
    world = World()
    with pytest.raises(NotFound):
        world.start(7)


def test_critical_servers_go_first() -> None:
    world = World(quotas={"serversInAllJobs": 1})
    servers = {each.source_server_id: each for each in world.store.servers(ID)}
    assert world.store.save(changed(servers[server_id(1)], criticality="OPTIONAL"))
    world.start()
    assert world.intents()[0].source_server_ids == (server_id(2),)


@pytest.mark.parametrize("status", ["POST_ACTIONS", "COMPLETED", "FAILED", "SKIPPED"])
def test_a_worker_that_comes_late_does_not_start_a_wave_that_was_judged(status: str) -> None:
    world = World()
    assert world.store.save(changed(world.wave(), wave_status=status))
    world.start()
    assert (world.jobs(), world.wave().wave_status) == ([], status)
