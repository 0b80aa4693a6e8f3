"""Executions over the API: started once, listed, controlled by whoever may, and never showing a token."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends

from disaster_recovery.api import views
from disaster_recovery.records.execution import Counts, Decision, Execution, Intent, Pause, Request, Server, Wave
from disaster_recovery.records.history import TaskToken
from disaster_recovery.records.record import changed
from disaster_recovery.records.statuses import ExecutionStatus, LaunchStatus, WaveStatus
from shared.schemas import load, problems
from tests.unit.disaster_recovery.api_world import (
    ACCOUNT,
    TOKEN,
    World,
    create_tables,
    meanwhile,
    paths,
    plan,
    server_id,
    wave,
)

STAMP = "2026-03-01T12:00:00.000000Z"
WAVES = (wave("databases", 1, 3), wave("web", 2))


@pytest.fixture
def world(moto_client: Any) -> World:
    dynamodb_backends.reset()
    create_tables(moto_client)
    return World(moto_client)


def stored(world: World, name: str = "shop", **more: Any) -> str:
    """The id of a new plan."""
    return str(world.ask("POST", "/recovery-plans", plan(*WAVES, name=name, **more)).body["planId"])


def started(world: World, execution_type: str = "DRILL", name: str = "shop") -> str:
    """The id of a new execution."""
    body = {"planId": stored(world, name), "type": execution_type, "confirm": name}
    answer = world.ask("POST", "/executions", body)
    assert answer.status == 201, answer.text
    return str(answer.body["executionId"])


def update(world: World, execution_id: str, **changes: Any) -> Execution:
    """The stored execution with changes."""
    execution = world.store.execution(execution_id)
    assert execution
    after = changed(execution, **changes)
    assert world.store.save(after)
    return after


def paused(world: World, execution_id: str, **more: Any) -> None:
    """The execution waits for a person before its first wave, with a token of the machine."""
    pause = Pause(pause_id="p1", wave_number=1, reason="PAUSE_BEFORE_WAVE", since=STAMP, deadline=STAMP, **more)
    update(world, execution_id, status=ExecutionStatus.PAUSED, current_wave=1, pause=pause)
    token = TaskToken(execution_id=execution_id, token=TOKEN, kind="PAUSE", wave_number=1, pause_id="p1")
    assert world.store.save(token)


def test_a_drill_is_started_with_everything_frozen(world: World) -> None:
    # When a drill is started
    answer = world.ask("POST", "/executions", {"planId": stored(world), "type": "DRILL"}, groups="[dr-drill]")
    # Then it is pending, the machine runs, and its place is told
    execution_id = answer.body["executionId"]
    assert (answer.status, answer.headers["location"]) == (201, f"/executions/{execution_id}")
    assert (answer.body["status"], answer.body["startedBy"]) == ("PENDING", "user:ada")
    assert world.machine.started == [f"{execution_id}-r1"]
    # And its servers have the launch settings of that moment
    servers = world.store.servers(execution_id)
    assert [server.hostname for server in servers] == ["host-1", "host-3", "host-2"]
    assert all((server.launch_settings or {})["sourceServerID"] == server.source_server_id for server in servers)
    assert world.ask("GET", f"/executions/{execution_id}").body["waves"][1]["name"] == "web"


def test_launch_settings_that_cannot_be_read_hinder_no_recovery(world: World) -> None:
    plan_id = stored(world)
    world.simulators[ACCOUNT].inject({"operation": "GetLaunchConfiguration", "action": {"type": "throttle"}})
    assert world.ask("POST", "/executions", {"planId": plan_id, "type": "DRILL"}).status == 201


def test_the_same_key_starts_once(world: World) -> None:
    plan_id = stored(world)
    bodies = [{"planId": plan_id, "type": "DRILL"}] * 2
    first, again = (world.ask("POST", "/executions", body, headers={"idempotency-key": "k1"}) for body in bodies)
    assert first.body["executionId"] == again.body["executionId"]
    assert len(world.ask("GET", "/executions").body["items"]) == 1
    # And a key is not used for something else
    body = {"planId": plan_id, "type": "RECOVERY", "confirm": "shop"}
    assert world.ask("POST", "/executions", body, headers={"idempotency-key": "k1"}).status == 400


def test_a_plan_runs_once_at_a_time(world: World) -> None:
    execution_id = started(world)
    plan_id = world.ask("GET", f"/executions/{execution_id}").body["planId"]
    answer = world.ask("POST", "/executions", {"planId": plan_id, "type": "DRILL"})
    assert (answer.status, answer.body["code"]) == (409, "WRONG_STATE")
    assert execution_id in answer.body["detail"]


def test_a_recovery_is_confirmed_by_the_name_of_the_plan(world: World) -> None:
    plan_id = stored(world)
    for confirm in ({}, {"confirm": "shopp"}):
        answer = world.ask("POST", "/executions", {"planId": plan_id, "type": "RECOVERY", **confirm})
        assert (answer.status, paths(answer)) == (400, ["$.confirm"])
    assert world.ask("POST", "/executions", {"planId": plan_id, "type": "RECOVERY", "confirm": "shop"}).status == 201


def test_a_plan_that_cannot_be_run_any_more_is_not_started(world: World) -> None:
    # Given a plan whose server was removed from DRS since
    plan_id = stored(world)
    del world.simulators[ACCOUNT].state.servers[server_id(3)]
    answer = world.ask("POST", "/executions", {"planId": plan_id, "type": "DRILL"})
    assert (answer.status, answer.body["code"]) == (409, "PLAN_INVALID")
    assert paths(answer) == ["$.waves[0].servers[1].sourceServerId"]
    assert world.machine.started == []


def test_a_start_may_ask_for_readiness(world: World) -> None:
    # Given a server that does not replicate any more
    plan_id = stored(world)
    world.simulators[ACCOUNT].state.servers[server_id(3)]["dataReplicationInfo"]["dataReplicationState"] = "STOPPED"
    body = {"planId": plan_id, "type": "DRILL"}
    answer = world.ask("POST", "/executions", {**body, "requireReadiness": True})
    assert (answer.status, answer.body["code"]) == (409, "NOT_READY")
    assert world.ask("POST", "/executions", body).status == 201


def test_an_unknown_plan_is_not_found(world: World) -> None:
    assert world.ask("POST", "/executions", {"planId": "rp-" + "a" * 20, "type": "DRILL"}).status == 404


@pytest.mark.parametrize(
    ("execution_type", "groups", "status"),
    [
        ("DRILL", "[dr-view]", 403),
        ("DRILL", "[dr-terminate]", 403),
        ("DRILL", "[dr-drill]", 202),
        ("RECOVERY", "[dr-drill]", 403),
        ("RECOVERY", "[dr-recover]", 202),
    ],
)
def test_drills_and_recoveries_need_their_own_permission(
    world: World, execution_type: str, groups: str, status: int
) -> None:
    # Given an execution of one type
    execution_id = started(world, execution_type)
    # Then every command and the start ask for its permission
    answer = world.ask("POST", f"/executions/{execution_id}/pause", {}, groups=groups)
    assert answer.status == status
    body = {"planId": stored(world, "other"), "type": execution_type, "confirm": "other"}
    assert world.ask("POST", "/executions", body, groups=groups).status == (201 if status == 202 else 403)
    for command in ("resume", "cancel", "retry-failed", "skip-wave", "restart"):
        body = {"waveNumber": 2} if command == "skip-wave" else {}
        refused = world.ask("POST", f"/executions/{execution_id}/{command}", body, groups=groups).status == 403
        assert refused == (status == 403)


def test_only_who_may_terminate_terminates(world: World) -> None:
    execution_id = started(world)
    update(world, execution_id, status=ExecutionStatus.COMPLETED)
    path = f"/executions/{execution_id}/terminate-instances"
    assert world.ask("POST", path, {}, groups="[dr-recover]").status == 403
    answer = world.ask("POST", path, {}, groups="[dr-terminate]")
    assert (answer.status, answer.body["termination"]["terminationStatus"]) == (202, "TERMINATING")
    assert (execution_id, "TERMINATE") in world.woken
    # And a second time is a mistake, as is one while the execution runs
    assert world.ask("POST", path, {}).status == 400


def test_what_a_recovery_launched_is_terminated_with_its_id_only(world: World) -> None:
    execution_id = started(world, "RECOVERY")
    path = f"/executions/{execution_id}/terminate-instances"
    assert world.ask("POST", path, {"confirm": execution_id}).status == 409
    update(world, execution_id, status=ExecutionStatus.PARTIAL)
    for confirm in ({}, {"confirm": "shop"}):
        assert paths(world.ask("POST", path, confirm)) == ["$.confirm"]
    assert world.ask("POST", path, {"confirm": execution_id}).status == 202


def test_a_pause_is_asked_for_and_taken_back(world: World) -> None:
    execution_id = started(world)
    answer = world.ask("POST", f"/executions/{execution_id}/pause", {})
    assert answer.body["pauseRequested"]["by"] == "user:ada"
    assert "pauseRequested" not in world.ask("POST", f"/executions/{execution_id}/resume", {}).body
    # And there is nothing to resume then
    answer = world.ask("POST", f"/executions/{execution_id}/resume", {})
    assert (answer.status, answer.body["code"]) == (409, "WRONG_STATE")


def test_a_pause_is_answered_and_the_token_stays_inside(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    # Given an execution that waits for a person
    execution_id = started(world)
    paused(world, execution_id)
    shown = world.ask("GET", f"/executions/{execution_id}").body["pause"]
    assert (shown["reason"], shown["deadline"]) == ("PAUSE_BEFORE_WAVE", STAMP)
    # When it is resumed
    answer = world.ask("POST", f"/executions/{execution_id}/resume", {"comment": "go"})
    # Then the machine has its answer
    assert (answer.status, answer.body["pause"]["decision"]["comment"]) == (202, "go")
    assert world.machine.answers == [(TOKEN, {"next": "START"})]
    # And no answer, list, timeline, evidence or log line shows the token
    seen = answer.text
    for path in ("", "/servers", "/timeline", "/job-log", "/evidence"):
        seen += world.ask("GET", f"/executions/{execution_id}{path}").text
    out = capsys.readouterr()
    assert TOKEN not in seen + out.out + out.err


def test_a_stale_token_is_a_conflict_and_has_the_poller_look(world: World) -> None:
    execution_id = started(world)
    paused(world, execution_id)
    world.machine.waits = False
    answer = world.ask("POST", f"/executions/{execution_id}/resume", {})
    assert (answer.status, answer.body["code"]) == (409, "STALE_TOKEN")
    assert execution_id in dict(world.woken)


def test_a_pause_is_decided_once(world: World) -> None:
    # Given two people who resume at the same moment
    execution_id = started(world)
    paused(world, execution_id)
    path = f"/executions/{execution_id}/resume"

    def overtake() -> None:
        assert world.ask("POST", path, {}, user="bob").status == 202

    with meanwhile(world.services.catalog.plans.dynamodb, "transact_write_items", overtake):
        answer = world.ask("POST", path, {})
    # Then one of them decided, and the machine heard it once
    assert answer.status == 409
    assert len(world.machine.answers) == 1
    assert world.ask("GET", f"/executions/{execution_id}").body["pause"]["decision"]["by"] == "user:bob"


def test_a_pause_may_want_a_group_and_a_comment(world: World) -> None:
    execution_id = started(world)
    paused(world, execution_id, approver_group="owners", require_comment=True)
    path = f"/executions/{execution_id}/resume"
    refused = world.ask("POST", path, {"comment": "go"})
    assert (refused.status, "owners" in refused.body["detail"]) == (403, True)
    assert paths(world.ask("POST", path, {}, groups="[dr-drill owners]")) == ["$.comment"]
    assert world.ask("POST", path, {"comment": "go"}, groups="[dr-drill owners]").status == 202


def test_a_wave_that_does_not_exist_is_named(world: World) -> None:
    execution_id = started(world)
    answer = world.ask("POST", f"/executions/{execution_id}/skip-wave", {"waveNumber": 9})
    assert (answer.status, paths(answer)) == (400, ["$.waveNumber"])
    assert world.ask("POST", f"/executions/{execution_id}/skip-wave", {"waveNumber": 2}).status == 202
    update(world, execution_id, status=ExecutionStatus.FAILED)
    answer = world.ask("POST", f"/executions/{execution_id}/restart", {"fromWave": 9})
    assert (answer.status, paths(answer)) == (400, ["$.fromWave"])


def test_an_ended_execution_is_run_again(world: World) -> None:
    execution_id = started(world)
    assert world.ask("POST", f"/executions/{execution_id}/restart", {}).status == 409
    update(world, execution_id, status=ExecutionStatus.FAILED)
    answer = world.ask("POST", f"/executions/{execution_id}/restart", {"fromWave": 2})
    assert (answer.body["runNumber"], answer.body["status"]) == (2, "PENDING")
    assert world.machine.started[-1] == f"{execution_id}-r2"


def test_cancelling_says_who_and_why(world: World) -> None:
    execution_id = started(world)
    answer = world.ask("POST", f"/executions/{execution_id}/cancel", {"reason": "wrong plan"})
    assert (answer.body["status"], answer.body["cancelRequested"]["reason"]) == ("CANCELLING", "wrong plan")
    assert world.ask("POST", f"/executions/{execution_id}/cancel", {}).status == 409


def test_every_command_needs_an_execution(world: World) -> None:
    missing = "ex-" + "a" * 20
    for command in ("pause", "resume", "cancel", "retry-failed", "restart", "terminate-instances"):
        assert world.ask("POST", f"/executions/{missing}/{command}", {}).status == 404
    assert world.ask("POST", f"/executions/{missing}/skip-wave", {"waveNumber": 1}).status == 404
    for path in ("", "/servers", "/timeline", "/job-log", "/evidence"):
        assert world.ask("GET", f"/executions/{missing}{path}").status == 404
    assert world.ask("GET", "/executions/LOCK%23PLAN").status == 404


def test_a_plan_is_not_deleted_while_it_runs(world: World) -> None:
    # Given a plan that runs, and was changed since
    execution_id = started(world)
    plan_id = world.ask("GET", f"/executions/{execution_id}").body["planId"]
    path = f"/recovery-plans/{plan_id}"
    assert world.ask("PUT", path, plan(wave("else", 5)), headers={"if-match": '"1"'}).status == 200
    # Then it stays, and the execution has its own copy
    answer = world.ask("DELETE", path, headers={"if-match": '"2"'})
    assert (answer.status, answer.body["code"], execution_id in answer.body["detail"]) == (409, "LIVE_EXECUTION", True)
    frozen = world.store.plan(execution_id)
    assert frozen and [each["name"] for each in frozen.document["waves"]] == ["databases", "web"]
    # Until the execution has ended
    update(world, execution_id, status=ExecutionStatus.COMPLETED)
    assert world.ask("DELETE", path, headers={"if-match": '"1"'}).status == 409
    assert world.ask("DELETE", path, headers={"if-match": '"2"'}).status == 204


def test_a_plan_that_is_being_deleted_does_not_start(world: World) -> None:
    # Given a start that has read the plan when the plan is deleted
    plan_id = stored(world)

    def overtake() -> None:
        assert world.ask("DELETE", f"/recovery-plans/{plan_id}", headers={"if-match": '"1"'}).status == 204

    with meanwhile(world.store, "acquire", overtake):
        answer = world.ask("POST", "/executions", {"planId": plan_id, "type": "DRILL"})
    # Then nothing is started
    assert (answer.status, world.machine.started) == (409, [])


# --- lists


def test_executions_are_listed_by_status_and_all_together(world: World) -> None:
    # Given five executions in three statuses
    ids = [started(world, name=f"plan-{number}") for number in range(5)]
    for execution_id, status in zip(ids, ("COMPLETED", "PENDING", "FAILED", "COMPLETED", "PENDING"), strict=True):
        if status != "PENDING":
            update(world, execution_id, status=status)
    # Then each list has its own, the latest first, page by page
    assert listed(world, 1, status="COMPLETED") == [ids[3], ids[0]]
    assert listed(world, 2) == list(reversed(ids))
    assert listed(world, 1) == list(reversed(ids))
    assert listed(world, 50, status="PAUSED") == []


def listed(world: World, limit: int, **query: str) -> list[str]:
    found: list[str] = []
    cursor = ""
    while True:
        asked = {"limit": str(limit), **query, **({"cursor": cursor} if cursor else {})}
        page = world.ask("GET", "/executions", query=asked).body
        assert len(page["items"]) <= limit
        found += [item["executionId"] for item in page["items"]]
        if "nextCursor" not in page:
            return found
        cursor = page["nextCursor"]


def test_what_changes_its_status_between_pages_is_not_told_twice(world: World) -> None:
    # Given a first page with the latest of three
    ids = [started(world, name=f"plan-{number}") for number in range(3)]
    first = world.ask("GET", "/executions", query={"limit": "1"}).body
    # When that one ends
    update(world, ids[2], status=ExecutionStatus.COMPLETED)
    # Then the pages after have the others only
    rest = world.ask("GET", "/executions", query={"limit": "10", "cursor": first["nextCursor"]}).body
    assert [item["executionId"] for item in rest["items"]] == [ids[1], ids[0]]


def test_an_unknown_status_is_refused(world: World) -> None:
    assert paths(world.ask("GET", "/executions", query={"status": "TERMINATING"})) == ["$query.status"]


def test_servers_and_the_timeline_come_page_by_page(world: World) -> None:
    execution_id = started(world)
    world.ask("POST", f"/executions/{execution_id}/pause", {})
    first = world.ask("GET", f"/executions/{execution_id}/servers", query={"limit": "2"}).body
    rest = world.ask("GET", f"/executions/{execution_id}/servers", query={"cursor": first["nextCursor"]}).body
    assert [each["hostname"] for each in (*first["items"], *rest["items"])] == ["host-1", "host-3", "host-2"]
    assert "nextCursor" not in rest
    events = world.ask("GET", f"/executions/{execution_id}/timeline").body["items"]
    assert [(each["number"], each["kind"]) for each in events] == [(1, "EXECUTION_STARTED"), (2, "PAUSE_REQUESTED")]
    # And a cursor of another execution's list is refused
    other = started(world, name="other")
    assert world.ask("GET", f"/executions/{other}/servers", query={"cursor": first["nextCursor"]}).status == 400


def test_the_job_log_is_that_of_our_jobs(world: World) -> None:
    # Given two jobs of the execution, and one of somebody else
    execution_id = started(world)
    simulator = world.simulators[ACCOUNT]
    jobs = []
    for number in (1, 2, 5):
        started_job = simulator.call("StartRecovery", {"sourceServers": [{"sourceServerID": server_id(number)}]})
        jobs.append(started_job["job"]["jobID"])
    simulator.clock.move(3600)
    for number, job_id in ((1, jobs[0]), (2, jobs[1])):
        intent = Intent(
            execution_id=execution_id, wave_number=number, attempt=1, chunk=1, source_server_ids=(), job_id=job_id
        )
        assert world.store.save(intent)
    # When the log is read in small pages
    entries: list[dict[str, Any]] = []
    query = {"limit": "3"}
    while True:
        page = world.ask("GET", f"/executions/{execution_id}/job-log", query=query).body
        entries += page["items"]
        if "nextCursor" not in page:
            break
        query = {"limit": "3", "cursor": page["nextCursor"]}
    # Then it has every line once, job by job
    assert [each["jobId"] for each in entries] == sorted((each["jobId"] for each in entries), key=jobs.index)
    assert {each["jobId"] for each in entries} == set(jobs[:2])
    assert [each["event"] for each in entries].count("JOB_START") == 2
    assert [each["event"] for each in entries].count("JOB_END") == 2
    # And can be limited to a wave
    answer = world.ask("GET", f"/executions/{execution_id}/job-log", query={"waveNumber": "2"})
    assert {each["jobId"] for each in answer.body["items"]} == {jobs[1]}


# --- what is shown


def full(kind: type[Any], **given: Any) -> dict[str, Any]:
    """A record with every field set, as an item."""
    values: dict[str, Any] = {}
    for each in fields(kind):
        values[each.name] = given.get(each.name, 1 if each.type in ("int", int) else STAMP)
    return dict(kind(**values).to_item())


def test_views_and_schema_name_the_same_fields() -> None:
    shown = {
        "executionSummary": views.EXECUTION_SUMMARY,
        "executionState": (*views.EXECUTION, "account", "pause", "termination"),
        "execution": (*views.EXECUTION, "account", "pause", "termination", "waves"),
        "pause": (*views.PAUSE, "decision"),
        "wave": views.WAVE,
        "server": views.SERVER,
        "timelineEvent": views.EVENT,
        "termination": ("terminationStatus", *views.TERMINATION),
        "recoveryPlanSummary": views.PLAN_SUMMARY,
    }
    definitions = load("disaster-recovery-api")["$defs"]
    for name, names in shown.items():
        assert set(names) == set(definitions[name]["properties"]), name


def test_views_name_fields_that_records_have() -> None:
    # Given records with every field set
    request = Request(by="ada", at=STAMP, reason="why")
    decision = Decision(next="START", kind="PAUSE", at=STAMP, comment="go")
    for kind, names, given in (
        (Wave, views.WAVE, {"counts": Counts(), "decision": decision, "skip_requested": request}),
        (Server, views.SERVER, {"launch_settings": {}}),
        (Pause, views.PAUSE, {"decision": decision}),
    ):  # fmt: skip
        assert set(names) <= set(full(kind, **given))


def test_answers_are_as_their_schemas_say(world: World) -> None:
    # Given an execution with all that can be there
    execution_id = started(world)
    paused(world, execution_id, approver_group="owners")
    wave_record, server = world.store.wave(execution_id, 1), world.store.servers(execution_id, 1)[0]
    assert wave_record
    assert world.store.save(
        changed(wave_record, wave_status=WaveStatus.FAILED, skip_requested=Request(by="ada", at=STAMP)),
        changed(server, launch_status=LaunchStatus.FAILED, error_message="no capacity", job_id="drsjob-1"),
    )
    # Then what the API answers passes the schemas that the OpenAPI document names
    for path, name in (
        (f"/executions/{execution_id}", "execution"),
        ("/executions", "executionPage"),
        (f"/executions/{execution_id}/servers", "serverPage"),
        (f"/executions/{execution_id}/timeline", "timelinePage"),
        (f"/executions/{execution_id}/job-log", "jobLogPage"),
        ("/recovery-plans", "recoveryPlanPage"),
        ("/protection-groups", "protectionGroupPage"),
        ("/source-servers", "sourceServerPage"),
        ("/quotas", "quotas"),
        ("/executions/ex-aaaaaaaaaaaaaaaaaaaa", "problem"),
    ):
        answer = world.ask("GET", path)
        assert problems(f"disaster-recovery-api#/$defs/{name}", answer.body) == [], path


def test_an_invoker_over_aws_credentials_does_the_same(world: World) -> None:
    # Given nothing but the right to invoke the function
    plan_id = world.invoke("POST", "/recovery-plans", plan(*WAVES)).body["planId"]
    answer = world.invoke("POST", "/executions", {"planId": plan_id, "type": "DRILL"})
    assert (answer.status, answer.body["startedBy"]) == (201, "aws:arn:aws:iam::1:user/ada")
    # And pauses that want a group are decided as well
    paused(world, answer.body["executionId"], approver_group="owners")
    path = f"/executions/{answer.body['executionId']}/resume"
    assert world.invoke("POST", path, {}).status == 202
