"""`towpath transfers …` and its neighbours, against the real API over tables in moto."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result

from file_transfer.api.routes import API
from file_transfer.replays.worker import ReplayWorker
from shared.sqs import Queue
from tests.unit.cli.conftest import Run
from tests.unit.file_transfer.api.test_notifications_and_windows import note, window
from tests.unit.file_transfer.api.world import CUSTOMER, INTAKE, LETTERS, ORDERS, World
from tests.unit.given import KEY, definition, s3_event
from towpath import session as sessions
from towpath.contexts import TRANSFERS
from towpath.session import Session
from towpath.transfers.lookups import bounds_of
from towpath.transport import Request, Response

FILE = "file-2.csv"
TODAY = "2025-06-28"


class Api:
    """The API, invoked straight; remembers what it was asked."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.asked: list[Request] = []

    def send(self, request: Request) -> Response:
        self.asked.append(request)
        more = {"query": dict(request.query), "headers": dict(request.headers)}
        answer = self.world.invoke(request.method, request.path, request.body, **more)
        return Response(answer.status, answer.body, answer.headers)

    @property
    def operations(self) -> set[str]:
        """Names of the operations that were asked for."""
        matching = self.world.application._matches  # the routes as the API itself tells them apart
        return {
            route.name
            for route in API.routes
            for request in self.asked
            if route.method == request.method and matching(route, request.path)
        }


@pytest.fixture
def api(dynamodb: Any) -> Any:  # type: ignore[override]
    """Two transfers, one of which failed, with a notification, a window and dead letters."""
    world = World(dynamodb)
    world.clock.forward(3600)
    world.transfer(1)
    world.transfer(2, "PARTIAL")
    world.workflow()
    note(world, 2, "FAILED")
    window(world, "daily", "MISSED")
    world.sqs.put(LETTERS, s3_event())
    return Api(world)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A definition in a file."""
    path = tmp_path / "workflow.yaml"
    path.write_text(yaml.safe_dump({name: value for name, value in definition().items() if name != "PK"}))
    return path


def ok(result: Result) -> Result:
    assert result.exit_code == 0, result.output
    return result


def rows(run: Run, *command: str) -> Any:
    return json.loads(ok(run(*command, "--json")).stdout)


COMMANDS = [
    f"transfers list {CUSTOMER} --period {TODAY}",
    f"transfers list {CUSTOMER} --attention",
    f"transfers list --period {TODAY}",
    "transfers list --workflow copy-sftp-to-s3-and-sftp --status PARTIAL",
    f"transfers show {CUSTOMER} {FILE}",
    f"transfers show {CUSTOMER} {FILE} --history",
    f"transfers trace {CUSTOMER} {FILE}",
    f"transfers retry {CUSTOMER} {FILE} --confirmed",
    f"failures list --customer {CUSTOMER} --open",
    f"failures show {CUSTOMER} {FILE}",
    f"failures replay --customer {CUSTOMER} --dry-run",
    "failures replay --reason PERMISSION_DENIED --yes --key monday",
    "dead-letters list",
    "dead-letters redrive --yes",
    "workflows list",
    "workflows show copy-sftp-to-s3-and-sftp",
    "workflows validate FILE --remote",
    "workflows apply FILE --yes",
    f"workflows simulate {KEY} --size 10 --at 2025-06-28T22:00:00Z --definition FILE",
    "workflows delete copy-sftp-to-s3-and-sftp --yes",
    "expectations list --unacknowledged",
    f"expectations list --customer {CUSTOMER}",
    "expectations acknowledge w daily --comment seen",
    f"notifications list {CUSTOMER}",
    f"notifications list --failed-on {TODAY}",
    f"notifications resend {CUSTOMER} {FILE}",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_prints_a_table_and_json(run: Run, file: Path, command: str) -> None:
    words = command.replace("FILE", str(file)).split()
    data = run(*words, "--json")
    assert data.exit_code == 0, data.output
    json.loads(data.stdout)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_says_something(run: Run, file: Path, command: str) -> None:
    assert ok(run(*command.replace("FILE", str(file)).split())).stdout.strip()


def test_every_operation_of_the_api_has_a_command(run: Run, api: Api, file: Path) -> None:
    for command in COMMANDS:
        run(*command.replace("FILE", str(file)).split())
    replay = rows(run, "failures", "replay", "--customer", CUSTOMER, "--yes")
    ok(run("failures", "progress", replay["replayId"]))
    ok(run("workflows", "apply", str(file)))
    file.write_text(file.read_text() + "enabled: false\n")
    ok(run("workflows", "apply", str(file), "--yes"))

    assert {route.name for route in API.routes} - api.operations == set()


@pytest.mark.parametrize(
    ("options", "found"),
    [([CUSTOMER, "--period", TODAY], 2), ([CUSTOMER, "--period", "2025-06"], 2), ([CUSTOMER, "--period", "2024"], 0),
     ([CUSTOMER, "--attention"], 1), ([CUSTOMER], 0), ([CUSTOMER, "--period", "2025", "--status", "PARTIAL"], 1),
     ([CUSTOMER, "--period", "2025", "--limit", "1"], 1)],
)  # fmt: skip
def test_list(run: Run, options: list[str], found: int) -> None:
    assert len(rows(run, "transfers", "list", *options)) == found


@pytest.mark.parametrize(
    ("period", "first", "after"),
    [
        ("2025-02-28", "2025-02-28", "2025-03-01"),
        ("2025-12", "2025-12-01", "2026-01-01"),
        ("2024", "2024-01-01", "2025-01-01"),
    ],
)
def test_a_period_is_a_day_a_month_or_a_year(period: str, first: str, after: str) -> None:
    assert bounds_of(period) == {"from": first, "to": after}


@pytest.mark.parametrize("period", ["yesterday", "2025-13", "2025-02-30", "25"])
def test_what_is_no_period_is_refused(run: Run, period: str) -> None:
    assert run("transfers", "list", CUSTOMER, "--period", period).exit_code == 2


def test_show_and_trace_tell_what_happened(run: Run) -> None:
    shown = ok(run("transfers", "show", CUSTOMER, FILE)).stdout
    story = rows(run, "transfers", "trace", CUSTOMER, FILE)

    assert "PARTIAL" in shown and "sftp://partner/bankpacific/file-2.csv" in shown and "PERMISSION_DENIED" in shown
    assert story["events"][-1]["eventType"] == "PARTIAL"
    assert len(story["failures"]) == 1 and [each["status"] for each in story["notifications"]] == ["FAILED"]


@pytest.mark.parametrize("command", ["transfers show", "transfers trace", "transfers retry", "failures show"])
def test_a_file_that_never_came(run: Run, command: str) -> None:
    result = run(*command.split(), CUSTOMER, "another.csv")

    assert result.exit_code == 5
    assert f"towpath transfers list {CUSTOMER}" in result.stderr


def test_a_replay_is_previewed_asked_for_and_watched(run: Run, api: Api, slept: list[float]) -> None:
    # Given a function that carries the replay out while the command waits
    world = api.world

    def carry_out(seconds: float) -> None:
        slept.append(seconds)
        services, queue = world.services, Queue(world.sqs, INTAKE)
        worker = ReplayWorker(services.replays, services.asker, "TransferFailureQueue", queue, world.clock)
        for turn in world.sqs.bodies("https://sqs/turns"):
            worker.run(turn["replayId"], lambda: True)

    session = Session(transport=api, sleep=carry_out)
    command = ("failures", "replay", "--customer", CUSTOMER, "--watch")
    # When it is not confirmed, and then confirmed
    assert run(*command, input="n\n", session=Session(transport=api)).exit_code == 1
    assert world.sqs.bodies(INTAKE) == []
    done = run(*command, input="y\n", session=session)
    # Then the failure is given to the intake
    assert "1 of 1 failures would be replayed: 1 PERMISSION_DENIED" in done.stdout
    assert "COMPLETED" in done.stdout and "1 sent" in done.stdout
    assert [each["kind"] for each in world.sqs.bodies(INTAKE)] == ["towpath.replay"]
    assert run("failures", "replay", "--file", FILE, "--dry-run").exit_code == 2


def test_one_file_is_replayed_by_its_name(run: Run, api: Api) -> None:
    preview = rows(run, "failures", "replay", "--customer", CUSTOMER, "--file", FILE, "--dry-run")
    assert [each["fileName"] for each in preview["items"]] == [FILE]


def test_applying_says_what_it_did(run: Run, api: Api, file: Path) -> None:
    # Given a definition that is stored as it is in the file
    assert "unchanged" in ok(run("workflows", "apply", str(file))).stdout
    # When the file changes
    file.write_text(file.read_text() + "enabled: false\n")
    assert run("workflows", "apply", str(file), input="n\n").exit_code == 1
    assert "replaced, version 2" in ok(run("workflows", "apply", str(file), input="y\n")).stdout
    ok(run("workflows", "delete", "copy-sftp-to-s3-and-sftp", input="y\n"))
    assert "created, version 1" in ok(run("workflows", "apply", str(file))).stdout
    # Then what is shown can be applied again
    shown = ok(run("workflows", "show", "copy-sftp-to-s3-and-sftp")).stdout
    file.write_text(shown)
    assert "unchanged" in ok(run("workflows", "apply", str(file))).stdout


def test_what_is_wrong_with_a_file_is_told_with_its_line(run: Run, file: Path) -> None:
    file.write_text(file.read_text().replace("sftp://partner/", "ftp://partner/"))
    alone = run("workflows", "validate", str(file))
    file.write_text(file.read_text().replace("ftp://partner/", "sftp://nobody/"))
    remote = run("workflows", "validate", str(file), "--remote")

    assert (alone.exit_code, remote.exit_code) == (2, 2)
    assert f"{file}:" in alone.stderr.replace("\n", "") and "$.targets.sftp" in alone.stderr
    assert f"{file}:" in remote.stderr.replace("\n", "") and "nobody" in remote.stderr
    file.write_text("[]")
    assert run("workflows", "validate", str(file)).exit_code == 2
    file.write_text(
        "workflowId: new\nsourceType: S3\nsourcePrefix: from-s3/x/\ntarget: {s3: 's3://sftp-landing-zone/from-s3/x/'}\n"
    )
    assert run("workflows", "apply", str(file)).exit_code == 2  # fmt: skip


def test_a_simulation_explains_and_its_exit_code_tells(run: Run) -> None:
    good = ok(run("workflows", "simulate", KEY)).stdout
    bad = run("workflows", "simulate", "from-sftp/bankpacific/holiday.jpg")

    assert "TRANSFER" in good and "s3://archive-bucket-secure/bankpacific/" in good
    assert bad.exit_code == 1 and "VALIDATION_FAILED" in bad.stderr and "REJECT" in bad.stdout
    assert "customer" in bad.stdout


def test_dead_letters_are_sent_again_when_confirmed(run: Run, api: Api) -> None:
    assert run("dead-letters", "redrive", input="n\n").exit_code == 1
    (letter,) = rows(run, "dead-letters", "list")
    assert "1 sent, 0 dropped, 0 left" in ok(run("dead-letters", "redrive", letter["messageId"], "--yes")).stdout
    assert api.world.sqs.bodies(INTAKE) == [s3_event()]


def test_incidents_are_acknowledged_and_notifications_sent_again(run: Run, api: Api) -> None:
    (done,) = rows(run, "expectations", "acknowledge", "w", "daily", "--comment", "holiday")
    assert done["acknowledgement"] == "holiday"
    assert run("expectations", "acknowledge", "w", "daily").exit_code == 5
    assert rows(run, "expectations", "list", "--unacknowledged") == []
    assert len(rows(run, "notifications", "resend", CUSTOMER, FILE)) == 1
    assert run("notifications", "resend", CUSTOMER, "file-1.csv").exit_code == 5
    assert [each["kind"] for each in api.world.sqs.bodies(ORDERS)] == ["towpath.notification"]


def test_without_an_api_the_function_is_invoked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given credentials and nothing else
    invoked: list[str] = []

    class Transport:
        def __init__(self, _client: Any, function: Any, _principal: Any) -> None:
            self._function = function

        def send(self, request: Request) -> Response:
            invoked.append(self._function(request))
            return Response(200, {"items": []})

    monkeypatch.setattr(sessions, "LambdaTransport", Transport)
    session = Session(clients={"lambda": object()})
    ok(run("workflows", "list", session=session))

    assert invoked == ["file-transfer-api-handler"] and session.system == TRANSFERS
