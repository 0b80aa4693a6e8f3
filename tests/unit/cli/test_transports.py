"""Two transports, one interface: over HTTP with a token, or straight to the function."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.unit.cli.fake_api import FakeApi, silence
from towpath.api import Api
from towpath.errors import CliError, Conflict, Invalid, Missing, NotAllowed, Unreachable, of_status
from towpath.transport import HttpTransport, LambdaTransport, Request, Response


class Server(HTTPServer):
    """Answers with what it was told to, and remembers what it got."""

    answer: tuple[int, str, str] = (200, "application/json", "{}")
    location = ""
    seen: list[tuple[str, str, dict[str, str], str]]


class Handler(BaseHTTPRequestHandler):
    def _any(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        server.seen.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        status, kind, text = server.answer
        self.send_response(status)
        if server.location:
            self.send_header("location", server.location)
        self.send_header("content-type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST = do_PUT = do_DELETE = _any

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server(("127.0.0.1", 0), Handler)
    found.seen = []
    threading.Thread(target=found.serve_forever, args=(0.01,), daemon=True).start()
    yield found
    found.shutdown()
    found.server_close()


def over_http(server: Server) -> HttpTransport:
    return HttpTransport(f"http://127.0.0.1:{server.server_port}/", lambda: "the-token")


def test_a_request_over_http(server: Server) -> None:
    # Given an API
    server.answer = (201, "application/json", '{"planId": "rp-1"}')

    # When something is asked with everything a request can have
    request = Request("POST", "/recovery-plans", {"name": "a b&c"}, {"idempotency-key": "k"}, {"name": "ü"})
    response = over_http(server).send(request)

    # Then the server gets all of it, with the token
    method, path, headers, body = server.seen[0]
    assert (method, path) == ("POST", "/recovery-plans?name=a+b%26c")
    assert headers["authorization"] == "Bearer the-token"
    assert headers["idempotency-key"] == "k"
    assert json.loads(body) == {"name": "ü"}
    assert (response.status, response.body) == (201, {"planId": "rp-1"})


def test_names_below_localhost_are_this_machine(server: Server) -> None:
    transport = HttpTransport(f"http://api.localhost:{server.server_port}", lambda: "the-token")

    assert transport.send(Request("GET", "/x")).status == 200
    assert server.seen[0][2]["host"] == f"api.localhost:{server.server_port}"


def test_a_problem_over_http_is_an_answer_not_an_exception(server: Server) -> None:
    server.answer = (409, "application/problem+json", '{"detail": "stale"}')

    assert over_http(server).send(Request("GET", "/x")) == Response(
        409, {"detail": "stale"}, over_http(server).send(Request("GET", "/x")).headers
    )


def test_pages_of_html_come_as_text(server: Server) -> None:
    server.answer = (200, "text/html", "<p>evidence</p>")

    assert over_http(server).send(Request("GET", "/x")).body == "<p>evidence</p>"


def test_the_token_follows_no_redirect(server: Server) -> None:
    server.answer, server.location = (302, "text/plain", ""), f"http://127.0.0.1:{server.server_port}/elsewhere"

    response = over_http(server).send(Request("GET", "/x"))

    assert response.status == 302
    assert [path for _, path, _, _ in server.seen] == ["/x"]


def test_the_token_is_not_sent_in_the_clear() -> None:
    with pytest.raises(Invalid, match="not https"):
        HttpTransport("http://api.example.com", lambda: "the-token")


def test_nobody_there_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="no answer"):
        HttpTransport("http://127.0.0.1:9", lambda: "the-token").send(Request("GET", "/x"))


class FakeLambda:
    """Invoke, as boto3 has it."""

    def __init__(self, payload: Any, error: str = "") -> None:
        self.payload, self.error = payload, error
        self.events: list[dict[str, Any]] = []

    def invoke(self, **request: Any) -> dict[str, Any]:
        self.events.append({"function": request["FunctionName"], **json.loads(request["Payload"])})
        answer = {"Payload": io.BytesIO(json.dumps(self.payload).encode())}
        return answer | ({"FunctionError": self.error} if self.error else {})


def straight(client: FakeLambda) -> LambdaTransport:
    return LambdaTransport(client, lambda _: "dr-api", lambda: "arn:aws:iam::111122223333:user/ada")


def test_a_request_straight_to_the_function() -> None:
    # Given the function's answer to an event of its API
    client = FakeLambda({"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": '{"a": 1}'})

    # When something is read and something is changed
    transport = straight(client)
    response = transport.send(Request("GET", "/executions", {"status": "PAUSED"}))
    transport.send(Request("POST", "/executions", body={"type": "DRILL"}, headers={"idempotency-key": "k"}))

    # Then the events are those of a direct invocation, and changes name who asks
    assert response.body == {"a": 1}
    read, changed = (event["towpath"] for event in client.events)
    assert (read["method"], read["path"], read["query"]) == ("GET", "/executions", {"status": "PAUSED"})
    assert changed["body"] == {"type": "DRILL"}
    assert changed["principal"] == "arn:aws:iam::111122223333:user/ada"
    assert client.events[0]["function"] == "dr-api"


@pytest.mark.parametrize(("message", "kind"), [("Task timed out after 30.00 seconds", Unreachable), ("boom", CliError)])
def test_a_function_that_fails_says_where_to_look(message: str, kind: type[CliError]) -> None:
    with pytest.raises(kind) as raised:
        straight(FakeLambda({"errorMessage": message}, "Unhandled")).send(Request("GET", "/x"))

    assert type(raised.value) is kind
    assert message in raised.value.message


def test_pages_are_followed_to_the_last() -> None:
    fake = FakeApi()
    fake.on("GET /executions", {"items": [{"n": 1}, {"n": 2}], "nextCursor": "c"}, {"items": [{"n": 3}]})

    found = list(Api(fake).pages("/executions", {"status": None, "limit": 2}))

    assert [each["n"] for each in found] == [1, 2, 3]
    assert [request.query for request in fake.requests] == [{"limit": "2"}, {"limit": "2", "cursor": "c"}]


def test_no_more_pages_than_needed() -> None:
    fake = FakeApi()
    fake.on("GET /executions", {"items": [{"n": 1}, {"n": 2}], "nextCursor": "c"})

    assert len(list(Api(fake).pages("/executions", most=2))) == 2
    assert len(fake.requests) == 1


def test_reads_are_repeated_when_nobody_answers() -> None:
    fake, pauses = FakeApi(), list[float]()
    fake.on("GET /quotas", silence, Response(503, {"detail": "later"}), {"items": []})

    assert Api(fake, pauses.append).get("/quotas") == {"items": []}
    assert pauses == [0.5, 1.5]


def test_reads_are_not_repeated_for_ever() -> None:
    fake = FakeApi()
    fake.on("GET /quotas", silence)

    with pytest.raises(Unreachable):
        Api(fake, lambda _: None).get("/quotas")

    assert len(fake.requests) == 3


def test_a_change_is_repeated_only_under_a_key() -> None:
    fake = FakeApi()
    fake.on("POST /executions", silence, {"executionId": "ex-1"})
    api = Api(fake, lambda _: None)

    assert api.post("/executions", {}, key="k") == {"executionId": "ex-1"}
    assert {request.headers["idempotency-key"] for request in fake.requests} == {"k"}

    fake.on("POST /executions/ex-1/cancel", silence)
    with pytest.raises(Unreachable):
        api.post("/executions/ex-1/cancel", {})
    assert len(fake.requests) == 3


def test_versions_are_entity_tags() -> None:
    fake = FakeApi()
    fake.on("PUT /recovery-plans/rp", {})
    fake.on("DELETE /recovery-plans/rp", None, status=204)

    Api(fake).put("/recovery-plans/rp", {}, 3)
    Api(fake).delete("/recovery-plans/rp", 4)

    assert [request.headers["if-match"] for request in fake.requests] == ['"3"', '"4"']


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, Invalid, 2),
        (401, NotAllowed, 4),
        (403, NotAllowed, 4),
        (404, Missing, 5),
        (409, Conflict, 3),
        (412, Conflict, 3),
        (428, Conflict, 3),
        (429, Unreachable, 6),
        (500, Unreachable, 6),
        (503, Unreachable, 6),
    ],
)
def test_every_status_has_an_exit_code(status: int, kind: type[CliError], code: int) -> None:
    error = of_status(status, {"detail": "said", "errors": [{"path": "$.a", "message": "no"}]}, "GET /x")

    assert (type(error), error.exit_code) == (kind, code)
    assert "said" in error.message and error.problems == [("$.a", "no")]


def test_an_answer_that_is_no_document_is_an_error_too() -> None:
    assert "<html>" in of_status(502, "<html>", "GET /x").message
