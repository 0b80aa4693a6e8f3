"""Actions of a wave: started once, asked until their time is over, judged by their policies."""

from __future__ import annotations

import io
import json
import threading
import uuid
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from disaster_recovery.plans.plan import PlanAction
from disaster_recovery.records.execution import Action, Execution
from disaster_recovery.wave_actions.function_call import FunctionCall
from disaster_recovery.wave_actions.http_probe import HttpProbe, allowed, get_status
from disaster_recovery.wave_actions.service import FAILED, RUNNING, SUCCEEDED, Progress, Task
from disaster_recovery.wave_actions.ssm_automation import SsmAutomation, parameters
from shared.errors import NotFound, PermissionDenied, Timeout, Transient, ValidationFailed
from tests.unit.disaster_recovery.orchestra import ALICE, FakeService, Orchestra
from tests.unit.disaster_recovery.recovery_world import ID


def action(name: str = "warm", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "LAMBDA", "functionName": name, "timeoutSeconds": 100, **more}


def before(*actions: dict[str, Any], service: FakeService, waves: Any = ((1,), (2,))) -> Orchestra:
    """The machine waits for the actions before wave 1."""
    world = Orchestra(waves=waves, rules={"preActions": list(actions)}, services={"LAMBDA": service})
    assert world.begin()["next"] == "PRE_ACTIONS"
    world.act("run_actions", phase="PRE")
    return world


def after(*actions: dict[str, Any], service: FakeService) -> Orchestra:
    """The machine waits for the actions after wave 1."""
    world = Orchestra(waves=((1,), (2,)), rules={"postActions": list(actions)}, services={"LAMBDA": service})
    world.begin()
    assert world.launch() == {"next": "POST_ACTIONS"}
    world.act("run_actions", phase="POST")
    return world


def states(world: Orchestra) -> list[str]:
    return [each.action_state for each in world.store.actions(ID)]


# --- the runner


def test_actions_run_one_after_the_other_and_the_machine_goes_on() -> None:
    service = FakeService(Progress(RUNNING, reference="r-1"), Progress(SUCCEEDED), Progress(SUCCEEDED))
    world = before(action("one"), action("two"), service=service)
    world.poll()
    assert (states(world), world.machine.answers) == (["RUNNING"], [])
    assert world.wave().wave_status == "PRE_ACTIONS" and world.machine.heartbeats == 1
    world.poll()
    assert (states(world), world.machine.answers) == (["SUCCEEDED", "SUCCEEDED"], [{"next": "START"}])
    assert [task.planned.name for task in service.tasks] == ["one", "one", "two"]


def test_a_repeated_question_names_the_same_attempt() -> None:
    service = FakeService(Transient("no answer"), Progress(RUNNING, reference="r-1"), Progress(SUCCEEDED))
    world = before(action(), service=service)
    for _ in range(3):
        world.poll()
    assert len({task.token for task in service.tasks}) == 1 and uuid.UUID(service.tasks[0].token)
    assert [task.action.reference for task in service.tasks] == [None, None, "r-1"]
    assert world.machine.answers == [{"next": "START"}]


def test_two_pollers_do_not_ask_at_the_same_time() -> None:
    # Given a poller that died while it asked
    world = before(action(), service=FakeService(SystemExit()))
    with pytest.raises(SystemExit):
        world.poll()
    service = world.services["LAMBDA"]
    # When others come by, then they leave the question to it, until it is taken for dead
    world.poll()
    assert len(service.tasks) == 1
    world.later(61)
    with pytest.raises(SystemExit):
        world.poll()
    assert len(service.tasks) == 2


def test_an_action_ends_with_its_time() -> None:
    world = before(action(timeoutSeconds=100), service=FakeService(Progress(RUNNING, "still warming")))
    world.poll()
    world.later(101)
    world.poll()
    assert (states(world), world.machine.answers) == (["TIMED_OUT"], [{"next": "STOP"}])
    assert "100 s (still warming)" in (world.store.actions(ID)[0].error_message or "")
    assert world.act("finish", None, outcome="ENDED") == {"status": "FAILED"}
    assert world.wave().wave_status == "FAILED"


@pytest.mark.parametrize(("policy", "answer"), [("CONTINUE", "START"), ("PAUSE", "PAUSE"), ("STOP", "STOP")])
def test_a_failed_action_goes_by_its_policy(policy: str, answer: str) -> None:
    world = before(action(onFailure=policy), service=FakeService(Progress(FAILED, "no room")))
    world.poll()
    assert (states(world), world.machine.answers) == (["FAILED"], [{"next": answer}])


def test_what_cannot_be_done_fails_and_what_nobody_knows_does_not() -> None:
    world = before(action(), service=FakeService(Transient("?"), PermissionDenied("not allowed")))
    world.poll()
    assert states(world) == ["RUNNING"]
    world.poll()
    assert (states(world), world.store.actions(ID)[0].error_message) == (["FAILED"], "not allowed")


def test_a_type_that_the_system_cannot_run_fails() -> None:
    world = before(action(type="SSM_AUTOMATION", documentName="x"), service=FakeService())
    world.poll()
    assert states(world) == ["FAILED"]


def test_actions_after_a_wave_know_what_launched() -> None:
    service = FakeService()
    world = after(action(), service=service)
    world.poll()
    assert world.machine.answers[-1] == {"next": "NEXT"}
    assert world.wave().wave_status == "COMPLETED"
    (server,) = service.tasks[0].servers
    assert (server["sourceServerId"], bool(server["ec2InstanceId"])) == (world.server_id(1), True)


def test_failed_actions_are_tried_again_on_request() -> None:
    service = FakeService(Progress(FAILED, "no"), Progress(SUCCEEDED))
    world = before(action(onFailure="PAUSE"), service=service)
    world.poll()
    assert world.paused().reason == "ACTION_FAILED"
    world.commands.retry_failed(ALICE, ID)
    assert world.machine.answers[-1] == {"next": "PRE_ACTIONS"}
    world.act("run_actions", phase="PRE")
    world.poll()
    assert world.machine.answers[-1] == {"next": "START"}
    # Then it was another attempt, with another token
    assert len({task.token for task in service.tasks}) == 2 and world.store.actions(ID)[0].attempt == 2


def test_actions_that_fail_again_are_decided_again() -> None:
    # Given actions that failed, were tried again, and failed again
    world = before(action(onFailure="PAUSE"), service=FakeService(Progress(FAILED)))
    world.poll()
    first = world.paused()
    world.commands.retry_failed(ALICE, ID)
    world.act("run_actions", phase="PRE")
    world.poll()
    assert world.machine.answers[-1] == {"next": "PAUSE"}
    # Then the machine waits for a new decision, and the old one is not given again
    second = world.paused()
    assert (second.decision, second.pause_id != first.pause_id) == (None, True)
    assert len(world.machine.answers) == 3
    assert world.kinds().count("PAUSED") == 2 and "PAUSE_ENDED" in world.kinds()


def test_going_on_without_the_action_starts_the_servers() -> None:
    world = before(action(onFailure="PAUSE"), service=FakeService(Progress(FAILED)))
    world.poll()
    world.paused()
    world.commands.resume(ALICE, ID)
    assert world.machine.answers[-1] == {"next": "START"}
    assert world.launch() == {"next": "NEXT"}


def test_leaving_the_wave_out_leaves_out_its_servers() -> None:
    world = before(action(onFailure="PAUSE"), service=FakeService(Progress(FAILED)))
    world.poll()
    world.paused()
    world.commands.resume(ALICE, ID, choice="NEXT")
    assert (world.machine.answers[-1], world.states(1)) == ({"next": "SKIP"}, ["SKIPPED"])


def test_a_failed_action_after_a_wave_does_not_take_back_its_servers() -> None:
    world = after(action(onFailure="PAUSE"), service=FakeService(Progress(FAILED)))
    world.poll()
    assert world.paused().reason == "ACTION_FAILED"
    world.commands.resume(ALICE, ID)
    assert (world.machine.answers[-1], world.wave().wave_status) == ({"next": "NEXT"}, "COMPLETED")


def test_failed_actions_after_a_wave_can_be_tried_again_too() -> None:
    world = after(action(onFailure="PAUSE"), service=FakeService(Progress(FAILED), Progress(SUCCEEDED)))
    world.poll()
    world.paused()
    world.commands.retry_failed(ALICE, ID)
    assert world.machine.answers[-1] == {"next": "POST_ACTIONS"}
    world.act("run_actions", phase="POST")
    world.poll()
    assert (world.machine.answers[-1], world.wave().wave_status) == ({"next": "NEXT"}, "COMPLETED")


@pytest.mark.parametrize(("policy", "answer"), [("CONTINUE", "START"), ("PAUSE", "PAUSE"), ("STOP", "STOP")])
def test_the_time_of_all_actions_together_is_kept(policy: str, answer: str) -> None:
    actions = [action("one", onFailure=policy), action("two", onFailure=policy)]
    world = before(*actions, service=FakeService(Progress(RUNNING)))
    world.poll()
    world.machine.waiting = None
    for _ in range(2):
        assert world.act("actions_timed_out") == {"next": answer}
    assert states(world) == ["TIMED_OUT", "TIMED_OUT"]


def test_a_cancel_starts_no_action() -> None:
    service = FakeService()
    world = before(action(), service=service)
    world.commands.cancel(ALICE, ID)
    world.poll()
    assert service.tasks == [] and world.machine.answers == ["ExecutionCancelled"]


# --- the services


def task(reference: str | None = None, **arguments: Any) -> Task:
    planned = PlanAction(name="warm", type="x", arguments=arguments)
    started = Action(execution_id=ID, wave_number=2, phase="PRE", number=1, reference=reference)
    return Task(Execution(execution_id=ID, plan_name="shop"), planned, started)


class FakeClient:
    """Answers one call with a value or an error, and keeps what it was asked."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        def call(**arguments: Any) -> Any:
            self.asked.append({"operation": name, **arguments})
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer

        return call


def refused(code: str, status: int = 400) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Call")


def test_a_runbook_is_started_with_its_token() -> None:
    client = FakeClient({"AutomationExecutionId": "auto-1"})
    wanted = task(documentName="Warm", parameters={"Names": ["a", "b"], "Count": 3})
    assert SsmAutomation(client, "arn:role").advance(wanted) == Progress(RUNNING, reference="auto-1")
    (asked,) = client.asked
    assert (asked["DocumentName"], asked["ClientToken"]) == ("Warm", wanted.token)
    assert asked["Parameters"] == {"Names": ["a", "b"], "Count": ["3"], "AutomationAssumeRole": ["arn:role"]}


@pytest.mark.parametrize(
    ("status", "state"),
    [("Success", SUCCEEDED), ("CompletedWithSuccess", SUCCEEDED), ("Failed", FAILED), ("TimedOut", FAILED)]
    + [("InProgress", RUNNING), ("PendingApproval", RUNNING), ("SomethingNew", RUNNING)],
)
def test_the_status_of_a_runbook_is_read(status: str, state: str) -> None:
    client = FakeClient({"AutomationExecution": {"AutomationExecutionStatus": status, "FailureMessage": "step 2"}})
    progress = SsmAutomation(client).advance(task("auto-1", documentName="Warm"))
    assert (progress.state, progress.reference) == (state, "auto-1")
    assert client.asked[0]["AutomationExecutionId"] == "auto-1"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AutomationDefinitionNotFoundException", NotFound),
        ("InvalidAutomationExecutionParametersException", ValidationFailed),
        ("AccessDeniedException", PermissionDenied),
        ("AutomationExecutionLimitExceededException", Transient),
    ],
)
def test_what_ssm_refuses_is_final_or_not(code: str, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        SsmAutomation(FakeClient(refused(code))).advance(task(documentName="Warm"))


def test_a_role_that_the_plan_names_is_kept() -> None:
    assert parameters({"AutomationAssumeRole": "mine"}, "ours") == {"AutomationAssumeRole": ["mine"]}
    assert parameters({}, "") == {}


@pytest.mark.parametrize(
    ("payload", "error", "expected"),
    [
        ({"ok": True}, None, Progress(SUCCEEDED)),
        (None, None, Progress(SUCCEEDED)),
        ({"status": "RUNNING", "message": "60 %"}, None, Progress(RUNNING, "60 %")),
        ({"status": "FAILED", "message": "disk"}, None, Progress(FAILED, "disk")),
        ({"errorMessage": "KeyError"}, "Unhandled", Progress(FAILED, "KeyError")),
    ],
)
def test_the_answer_of_a_function_is_read(payload: Any, error: str | None, expected: Progress) -> None:
    answer: dict[str, Any] = {"Payload": io.BytesIO(json.dumps(payload).encode())}
    client = FakeClient(answer | ({"FunctionError": error} if error else {}))
    wanted = task(functionName="warm", payload={"size": 3})
    assert FunctionCall(client).advance(wanted) == expected
    told = json.loads(client.asked[0]["Payload"])
    assert (told["payload"], told["idempotencyKey"], told["waveNumber"]) == ({"size": 3}, wanted.token, 2)


def test_a_function_that_is_missing_or_slow() -> None:
    with pytest.raises(NotFound, match="warm"):
        FunctionCall(FakeClient(refused("ResourceNotFoundException", 404))).advance(task(functionName="warm"))
    with pytest.raises(Timeout):
        FunctionCall(FakeClient(ReadTimeoutError(endpoint_url="x"))).advance(task(functionName="warm"))


HOSTS = [".example.com", "10.0.0.7", "Status:8080", "plain:80"]


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://shop.example.com/health", True),
        ("https://a.b.example.com:8443/", True),
        ("http://10.0.0.7/", True),
        ("https://example.com/", False),
        ("https://shop.example.com.evil.net/", False),
        ("https://evilexample.com/", False),
        ("http://169.254.169.254/latest/meta-data", False),
        ("https://shop.example.com@evil.net/", False),
        ("https://evil.net@shop.example.com/", False),
        ("file:///etc/passwd", False),
        ("https://[bad/", False),
        ("https:///health", False),
        ("http://status:8080/", True),
        ("https://status/", False),
        ("http://plain/", True),
        ("http://plain:81/", False),
    ],
)
def test_probes_call_allowed_hosts_only(url: str, may: bool) -> None:
    assert allowed(url, HOSTS) is may
    if not may:
        with pytest.raises(ValidationFailed, match="may not call"):
            HttpProbe(HOSTS, get=lambda _: 200).advance(task(url=url))


def test_a_probe_waits_for_the_status_it_expects() -> None:
    answers: list[Any] = [OSError("refused"), 503, 204]

    def get(_: str) -> int:
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return int(answer)

    probe, wanted = HttpProbe(["shop"], get), task(url="http://shop/", expectedStatus=204)
    assert [probe.advance(wanted).state for _ in range(3)] == [RUNNING, RUNNING, SUCCEEDED]


def test_a_probe_speaks_http_and_follows_nothing() -> None:
    asked: list[str] = []

    class Redirecting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Redirecting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        assert get_status(f"http://127.0.0.1:{server.server_port}/health?deep=1") == 302
    finally:
        server.shutdown()
        server.server_close()
    assert asked == ["/health?deep=1"]
