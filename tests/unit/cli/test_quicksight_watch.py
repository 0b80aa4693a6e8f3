"""`towpath quicksight jobs watch`: told by live updates, by the clock without them, out with the outcome's code."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from shared.clock import parse
from tests.unit.cli.conftest import Run
from tests.unit.cli.fake_api import FakeApi, silence
from tests.unit.cli.given_quicksight import HASH, JOB_FILE, JOB_ID, ended, failed, job, waiting
from towpath.quicksight import live_updates, watching
from towpath.quicksight.job_views import live_view
from towpath.quicksight.live_updates import open_socket
from towpath.session import Session

JOB = f"/jobs/{JOB_ID}"
TICKET = {"ticket": "secret-ticket", "url": "wss://live.example/live", "expiresAt": "2026-11-21T10:01:00Z"}
TOPIC = f"job:{JOB_ID}"


class FakeSocket:
    """A connection on which messages come in turn; an exception in their place is raised."""

    def __init__(self, *messages: Any) -> None:
        self.messages = list(messages)
        self.sent: list[Any] = []
        self.closed = False

    def send(self, text: str) -> None:
        self.sent.append(json.loads(text))

    def recv(self, timeout: float) -> str:
        assert timeout > 0
        message = self.messages.pop(0) if self.messages else ConnectionResetError()
        if isinstance(message, BaseException):
            raise message
        return json.dumps(message)

    def __enter__(self) -> FakeSocket:
        return self

    def __exit__(self, *_: object) -> None:
        self.closed = True


def delta(seq: int) -> dict[str, Any]:
    return {"type": "delta", "topic": TOPIC, "seq": seq, "previousSeq": seq - 1, "data": {}}


@pytest.fixture
def watched(run: Run, api: FakeApi, slept: list[float]) -> Callable[..., Any]:
    """Watches with this socket; returns the result and the addresses that were opened."""

    def watch(socket: FakeSocket, *options: str) -> tuple[Any, list[str]]:
        opened: list[str] = []

        def connect(url: str) -> FakeSocket:
            opened.append(url)
            return socket

        api.on("POST /live/tickets", TICKET, status=201)
        session = Session(transport=api, sleep=slept.append, open_socket=connect)
        return run("quicksight", "jobs", "watch", JOB_ID, *options, session=session), opened

    return watch


@pytest.mark.parametrize(
    ("status", "code"), [("COMPLETED", 0), ("FAILED", 1), ("NEEDS_ATTENTION", 7), ("CANCELLED", 8), ("REJECTED", 8)]
)
def test_the_outcome_is_the_exit_code(run: Run, api: FakeApi, status: str, code: int) -> None:
    api.on(f"GET {JOB}", job(), ended(status))

    result = run("quicksight", "jobs", "watch", JOB_ID)

    assert result.exit_code == code
    assert status in result.stdout


def test_it_looks_when_it_is_told_to_and_not_before(
    watched: Callable[..., Any], api: FakeApi, slept: list[float]
) -> None:
    # Given a connection that tells of what is known, then of something new
    snapshot = {"type": "snapshot", "topic": TOPIC, "seq": 5, "data": {}}
    socket = FakeSocket(snapshot, delta(6), {"type": "pong"}, delta(20))
    api.on(f"GET {JOB}", job(revision=5), job(revision=6), ended("COMPLETED"))
    result, opened = watched(socket)
    # Then the job was read as often as it changed, nobody slept, and the connection was opened with the ticket
    assert result.exit_code == 0, result.output
    assert api.asked("GET") == [JOB] * 3 and slept == []
    assert opened == ["wss://live.example/live?ticket=secret-ticket"]
    assert socket.sent == [{"action": "subscribe", "topic": TOPIC}] and socket.closed
    assert "secret-ticket" not in result.output


def test_a_silent_connection_is_not_believed_for_long(watched: Callable[..., Any], api: FakeApi) -> None:
    socket = FakeSocket(TimeoutError(), delta(20))
    api.on(f"GET {JOB}", job(), job(), ended("COMPLETED"))
    result, _ = watched(socket)
    assert result.exit_code == 0
    assert socket.sent[1:] == [{"action": "ping"}] and api.asked("GET") == [JOB] * 3


@pytest.mark.parametrize(
    "trouble",
    [ConnectionResetError(), {"type": "error", "code": "NO_SUCH_TOPIC", "message": "x"}, ["not", "an", "object"]],
)
def test_a_connection_that_breaks_is_made_up_for_by_looking(
    watched: Callable[..., Any], api: FakeApi, slept: list[float], trouble: Any
) -> None:
    api.on(f"GET {JOB}", job(), job(), job(), ended("FAILED"))
    result, _ = watched(FakeSocket(trouble))
    assert result.exit_code == 1
    assert slept == [live_updates.POLL_SECONDS] * 2


def test_without_a_ticket_it_looks_again_and_again(run: Run, api: FakeApi, slept: list[float]) -> None:
    api.refuse("POST /live/tickets", 409, "this system has no live updates")
    api.on(f"GET {JOB}", job(), job(), ended("COMPLETED"))

    assert run("quicksight", "jobs", "watch", JOB_ID, "--seconds", "7").exit_code == 0
    assert slept == [7.0, 7.0]


def test_live_updates_can_be_left_alone(watched: Callable[..., Any], api: FakeApi) -> None:
    api.on(f"GET {JOB}", job(), ended("COMPLETED"))
    _, opened = watched(FakeSocket(), "--poll")
    assert opened == [] and api.asked("POST") == []


def test_each_change_is_told_once(run: Run, api: FakeApi) -> None:
    api.on(f"GET {JOB}", job(), job(), waiting(), waiting(), ended("COMPLETED"))

    said = run("quicksight", "jobs", "watch", JOB_ID).stdout

    assert said.count("ExportAssets  SUCCEEDED  two chunks") == 1
    assert said.count("WAITING_FOR_APPROVAL  somebody to approve its plan") == 1


def test_json_is_one_line_a_change(run: Run, api: FakeApi) -> None:
    api.on(f"GET {JOB}", job(), job(), waiting(), ended("COMPLETED"))

    lines = run("quicksight", "jobs", "watch", JOB_ID, "--json").stdout.splitlines()

    assert [json.loads(line)["status"] for line in lines] == ["RUNNING", "WAITING_FOR_APPROVAL", "COMPLETED"]


def test_it_can_end_at_an_approval(run: Run, api: FakeApi, home: Any) -> None:
    api.on(f"GET {JOB}", job(), waiting())
    api.on("POST /jobs", job("PENDING"), status=201)
    (home / "sales.yaml").write_text(JOB_FILE)

    assert run("quicksight", "jobs", "watch", JOB_ID, "--stop-at-approval").exit_code == 0
    assert run("quicksight", "jobs", "start", "sales.yaml", "--watch").exit_code == 0


def test_an_approval_that_was_just_given_is_not_waited_for_again(run: Run, api: FakeApi) -> None:
    api.on(f"POST {JOB}/approve", waiting(), status=202)
    api.on(f"GET {JOB}", waiting(), job(revision=12), ended("COMPLETED"))

    result = run("quicksight", "jobs", "approve", JOB_ID, "--plan-hash", HASH, "--watch")

    assert (result.exit_code, api.asked("GET")) == (0, [JOB] * 3)


def test_a_silent_network_is_waited_out(run: Run, api: FakeApi, slept: list[float]) -> None:
    api.on(f"GET {JOB}", job(), *[silence] * 6, ended("COMPLETED"))

    assert run("quicksight", "jobs", "watch", JOB_ID).exit_code == 0
    assert slept.count(watching.SECONDS_AFTER_TROUBLE) == 2


def test_a_refusal_ends_it(run: Run, api: FakeApi) -> None:
    api.refuse(f"GET {JOB}", 403, "needs the permission view")

    assert run("quicksight", "jobs", "watch", JOB_ID).exit_code == 4


def test_the_screen_says_what_somebody_has_to_do() -> None:
    console = Console(file=io.StringIO(), width=140)

    for document in (waiting(), failed()):
        console.print(live_view(document, parse("2026-11-21T10:12:00Z"), "no answer"))

    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert f"jobs approve {JOB_ID}" in shown and f"jobs retry {JOB_ID}" in shown
    assert "12 min" in shown and "no answer" in shown


def test_a_ticket_is_not_sent_in_the_clear() -> None:
    with pytest.raises(ValueError, match="in the clear"):
        open_socket("ws://live.example/live?ticket=x")


def test_a_system_that_cannot_be_reached_is_an_os_error() -> None:
    with pytest.raises(OSError):
        open_socket("ws://api.localhost:9/live?ticket=x")
