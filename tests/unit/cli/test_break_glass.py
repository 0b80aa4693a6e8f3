"""Break-glass runs: nothing but AWS DRS, to the end, through failures, pauses, interruptions and kills."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path
from typing import Any

import pytest

from disaster_recovery.reports.evidence import verify
from tests.unit.cli.conftest import Run
from tests.unit.cli.drs_world import DrsWorld, journal_of, server_id, write_plan
from towpath.recovery.emergency import execution_in

RUN = ("drs", "break-glass", "run", "plan.yaml")
SERVERS = [[server_id(1), server_id(2)], [server_id(3)], [server_id(4)]]
JOURNAL = "towpath-bank.journal.json"


@pytest.fixture
def world() -> DrsWorld:
    return DrsWorld()


@pytest.fixture(autouse=True)
def plan(home: Path) -> Path:
    return write_plan(home / "plan.yaml")


def failing(server: int, phase: str = "CONVERSION", times: int = 1) -> dict[str, Any]:
    return {"server": server_id(server), "phase": phase, "times": times, "action": {"type": "fail"}}


def test_a_drill_runs_wave_by_wave(run: Run, world: DrsWorld, home: Path) -> None:
    # When the plan is run
    result = run(*RUN, "--yes", session=world.session())

    # Then its waves were launched one after the other, as a drill, and the journal has it all
    assert result.exit_code == 0, result.output
    assert world.started() == SERVERS
    assert all(job["tags"]["towpath:executionId"] for job in world.jobs())
    assert {each["isDrill"] for each in world.instances()} == {True}
    store = journal_of(home)
    execution = execution_in(store)
    assert execution is not None
    kinds = [event.kind for event in store.events(execution.execution_id)]
    assert kinds[0] == "EXECUTION_STARTED" and kinds[-1] == "EXECUTION_ENDED"
    assert "COMPLETED" in result.output and "wave databases starts" in result.output


def test_a_drill_is_asked_about(run: Run, world: DrsWorld) -> None:
    result = run(*RUN, input="n\n", session=world.session())

    assert result.exit_code == 1
    assert world.started() == []


@pytest.mark.parametrize(("said", "code", "jobs"), [("Bank\n", 0, 3), ("bank\n", 2, 0)])
def test_a_recovery_is_confirmed_by_name(run: Run, world: DrsWorld, said: str, code: int, jobs: int) -> None:
    result = run(*RUN, "--recovery", "--yes", input=said, session=world.session())

    assert result.exit_code == code, result.output
    assert len(world.started()) == jobs
    assert {each["isDrill"] for each in world.instances()} <= {False}


def test_a_failed_critical_server_stops_the_run(run: Run, world: DrsWorld) -> None:
    world.simulator.inject(failing(3))

    result = run(*RUN, "--yes", session=world.session())

    assert result.exit_code == 7
    assert world.started() == SERVERS[:2]


def test_a_failed_wave_is_put_to_the_person_and_retried(run: Run, world: DrsWorld, plan: Path) -> None:
    # Given a plan that pauses when its first wave fails, and a server that fails once
    write_plan(plan, databases={"onFailure": "PAUSE"})
    world.simulator.inject(failing(2))

    # When the person says to try again
    result = run(*RUN, "--yes", "--pauses", "continue", input="retry\n", session=world.session())

    # Then only the failed server is started again, and all is well in the end
    assert result.exit_code == 0, result.output
    assert world.started() == [SERVERS[0], [server_id(2)], *SERVERS[1:]]


def test_pauses_of_the_plan_are_asked_about(run: Run, world: DrsWorld, plan: Path) -> None:
    write_plan(plan, web={"pauseBeforeWave": True, "pause": {"requireComment": True}})

    result = run(*RUN, "--yes", input="continue\nweb is wanted\n", session=world.session())

    assert result.exit_code == 0, result.output
    assert "Paused: wave 3, the plan pauses before this wave" in result.output


def test_pauses_of_the_plan_can_be_passed(run: Run, world: DrsWorld, plan: Path) -> None:
    write_plan(plan, web={"pauseBeforeWave": True, "pause": {"approverGroup": "dr-recover"}})

    assert run(*RUN, "--yes", "--pauses", "continue", session=world.session()).exit_code == 0


def test_stop_at_a_pause_ends_the_run(run: Run, world: DrsWorld, plan: Path) -> None:
    write_plan(plan, web={"pauseBeforeWave": True})

    result = run(*RUN, "--yes", input="stop\n", session=world.session())

    assert result.exit_code == 7
    assert world.started() == SERVERS[:2]


@pytest.mark.parametrize("moment", range(1, 40, 3))
def test_an_interrupted_run_is_taken_up(run: Run, world: DrsWorld, moment: int) -> None:
    """Ctrl-C at any moment: nothing is launched twice, and the outcome is as without it."""
    interrupt(world, moment)

    first = run(*RUN, "--yes", "--poll-seconds", "60", session=world.session())
    second = first if first.exit_code == 0 else run(*RUN, "--yes", "--poll-seconds", "60", session=world.session())

    assert first.exit_code in (0, 130)
    assert second.exit_code == 0, second.output
    assert world.started() == SERVERS


@pytest.mark.parametrize("write", [*range(1, 12), *range(12, 60, 3)])
def test_a_killed_run_is_taken_up(run: Run, world: DrsWorld, monkeypatch: pytest.MonkeyPatch, write: int) -> None:
    """A kill after any write of the journal: nothing is launched twice, and the outcome is as without it."""
    count = dying_after(monkeypatch, write)

    first = run(*RUN, "--yes", "--poll-seconds", "30", session=world.session())
    count.clear()
    second = first
    if first.exit_code != 0:
        second = run(*RUN, "--yes", "--poll-seconds", "30", session=world.session())

    assert second.exit_code == 0, second.output
    assert world.started() == SERVERS


def test_a_lost_answer_is_adopted_not_repeated(run: Run, world: DrsWorld) -> None:
    world.simulator.inject({"operation": "StartRecovery", "nth": [2], "action": {"type": "lost_response"}})

    assert run(*RUN, "--yes", session=world.session()).exit_code == 0
    assert world.started() == SERVERS


def test_a_server_in_another_job_is_waited_for(run: Run, world: DrsWorld) -> None:
    world.simulator.call("StartRecovery", {"sourceServers": [{"sourceServerID": server_id(3)}], "isDrill": True})

    assert run(*RUN, "--yes", session=world.session()).exit_code == 0
    assert sorted(world.started()) == sorted([*SERVERS, [server_id(3)]])


def test_two_commands_cannot_share_a_journal(run: Run, world: DrsWorld, home: Path) -> None:
    with (home / f"{JOURNAL}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        result = run(*RUN, "--yes", session=world.session())

    assert result.exit_code == 3
    assert world.started() == []


def test_a_run_that_has_ended_is_not_run_again_by_mistake(run: Run, world: DrsWorld) -> None:
    run(*RUN, "--yes", session=world.session())

    result = run(*RUN, "--yes", session=world.session())

    assert result.exit_code == 3
    assert "--journal" in result.stderr
    assert len(world.started()) == 3


def test_the_journal_of_another_plan_is_refused(run: Run, world: DrsWorld, home: Path) -> None:
    run(*RUN, "--yes", "--journal", "j.json", session=world.session())
    text = (home / "plan.yaml").read_text()
    (home / "plan.yaml").write_text(text.replace('"Bank"', '"Shop"'))

    assert run(*RUN, "--yes", "--journal", "j.json", session=world.session()).exit_code == 3


def test_what_is_no_journal_is_left_alone(run: Run, world: DrsWorld, home: Path) -> None:
    result = run(*RUN, "--yes", "--journal", "plan.yaml", session=world.session())

    assert result.exit_code == 2
    assert json.loads((home / "plan.yaml").read_text())["name"] == "Bank"


def test_quotas_that_cannot_be_read_start_nothing(run: Run, world: DrsWorld) -> None:
    world.quotas.denied = True

    result = run(*RUN, "--yes", session=world.session())
    assert (result.exit_code, world.started()) == (4, [])
    assert "--default-quotas" in result.stderr

    assert run(*RUN, "--yes", "--default-quotas", session=world.session()).exit_code == 0


def test_actions_are_left_to_the_person(run: Run, world: DrsWorld, plan: Path) -> None:
    probe = {"name": "ping", "type": "HTTP_PROBE", "url": "https://web.example.com"}
    write_plan(plan, web={"postActions": [probe]})

    result = run(*RUN, "--yes", session=world.session())

    assert result.exit_code == 0
    assert "To be done by hand: web: ping (HTTP_PROBE, after the wave)" in result.output


def test_servers_that_drs_does_not_know_are_told_with_their_line(run: Run, world: DrsWorld, home: Path) -> None:
    text = f"name: Bank\nwaves:\n  - name: one\n    servers:\n      - sourceServerId: {server_id(1)}\n"
    (home / "plan.yaml").write_text(f"{text}      - sourceServerId: {server_id(9)}\n")

    result = run(*RUN, "--yes", session=world.session())

    assert result.exit_code == 2
    assert "plan.yaml:6 $.waves[0].servers[1].sourceServerId" in result.stderr


def test_groups_need_the_database(run: Run, world: DrsWorld, home: Path) -> None:
    (home / "plan.yaml").write_text(f"name: Bank\nwaves:\n  - {{name: one, protectionGroupId: pg-{'a' * 20}}}\n")

    result = run(*RUN, "--yes", session=world.session())

    assert result.exit_code == 2
    assert "--resolved" in result.stderr


def test_an_interrupted_run_is_cancelled(run: Run, world: DrsWorld) -> None:
    # Given a run that was interrupted in its first wave
    interrupt(world, 3)
    assert run(*RUN, "--yes", session=world.session()).exit_code == 130

    # When it is cancelled
    result = run("drs", "break-glass", "cancel", JOURNAL, "--reason", "wrong plan", session=world.session())

    # Then the job that ran came to its end, and nothing else was started
    assert result.exit_code == 8, result.output
    assert world.started() == SERVERS[:1]
    assert {job["status"] for job in world.jobs()} == {"COMPLETED"}


def test_a_failed_run_is_run_again_from_where_it_failed(run: Run, world: DrsWorld) -> None:
    world.simulator.inject(failing(3))
    assert run(*RUN, "--yes", session=world.session()).exit_code == 7

    result = run("drs", "break-glass", "restart", JOURNAL, session=world.session())

    assert result.exit_code == 0, result.output
    assert world.started() == [*SERVERS[:2], SERVERS[1], SERVERS[2]]


def test_instances_of_the_drill_are_terminated_and_no_others(run: Run, world: DrsWorld) -> None:
    # Given somebody else's drill of a server that is in no wave any more, and ours
    run(*RUN, "--yes", session=world.session())
    assert len(world.instances()) == 4

    # When ours is terminated
    result = run("drs", "break-glass", "terminate", JOURNAL, "--yes", "--json", session=world.session())

    # Then the journal says so, and DRS has none of them
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout.splitlines()[-1])["instancesTerminated"] is True
    assert world.instances() == []


def test_instances_of_a_recovery_need_its_id(run: Run, world: DrsWorld) -> None:
    run(*RUN, "--recovery", "--confirm", "Bank", session=world.session())

    result = run("drs", "break-glass", "terminate", JOURNAL, input="yes\n", session=world.session())

    assert result.exit_code == 2
    assert len(world.instances()) == 4


def test_evidence_of_a_journal(run: Run, world: DrsWorld, home: Path) -> None:
    run(*RUN, "--yes", session=world.session())

    result = run("drs", "break-glass", "evidence", JOURNAL, "--html", "e.html", "--out", "e.json")

    assert result.exit_code == 0, result.output
    pack = json.loads((home / "e.json").read_text())
    assert verify(pack) == []
    assert "Bank" in (home / "e.html").read_text()
    assert run("drs", "verify-evidence", "e.json").exit_code == 0
    pack["timeline"][1]["message"] = "nothing happened"
    (home / "e.json").write_text(json.dumps(pack))
    assert run("drs", "verify-evidence", "e.json").exit_code == 1


def test_events_as_json_lines(run: Run, world: DrsWorld) -> None:
    lines = run(*RUN, "--yes", "--json", session=world.session()).stdout.splitlines()

    *events, last = [json.loads(line) for line in lines]
    kinds = [event["kind"] for event in events]
    assert kinds.count("WAVE_STARTED") == 3
    assert kinds[-1] == "EXECUTION_ENDED"
    assert last["status"] == "COMPLETED" and len(last["servers"]) == 4


def test_silence_of_drs_is_told_and_waited_out(run: Run, world: DrsWorld) -> None:
    world.simulator.inject({"operation": "DescribeJobs", "times": 5, "action": {"type": "error"}})

    result = run(*RUN, "--yes", session=world.session())

    assert result.exit_code == 0, result.output
    assert result.output.count("AWS DRS did not tell how things stand") == 1
    assert world.started() == SERVERS


def interrupt(world: DrsWorld, moment: int) -> None:
    """Ctrl-C at that sleep, and at no other."""

    def at(count: int) -> None:
        if count == moment:
            raise KeyboardInterrupt

    world.interrupt = at


def dying_after(monkeypatch: pytest.MonkeyPatch, writes: int) -> list[int]:
    """The process dies after so many writes of the journal; clearing what is returned brings it back to life."""
    left = [writes]
    from disaster_recovery.records.file_store import FileStore  # noqa: PLC0415

    keep = FileStore._keep

    def kept(store: FileStore) -> None:
        keep(store)
        if left:
            left[0] -= 1
            if left[0] <= 0:
                raise SystemExit(137)

    monkeypatch.setattr(FileStore, "_keep", kept)
    return left
