"""An API of three routes: reading, authorisation, errors and direct invocation are the same for each."""

from __future__ import annotations

import json
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from shared.api.answers import Answer, created
from shared.api.application import Application
from shared.api.problems import ApiProblem, conflict
from shared.api.requests import Request
from shared.api.routes import Api, Parameter, Route
from shared.errors import NotFound, Throttled

TOKEN = "eyJ-very-secret"  # noqa: S105
SEEN: list[Request] = []


class Odd(Exception):
    """An error that only the system knows."""


def show(request: Request, services: dict[str, Any]) -> Answer:
    SEEN.append(request)
    return Answer({"id": request.path["thingId"], **services}, version=3)


def make(request: Request, _services: object) -> Answer:
    return created(request.body, "/things/t-1", 1)


def fail(request: Request, _services: object) -> Answer:
    raise {
        "odd": Odd("strange"),
        "missing": NotFound("t-9 does not exist"),
        "slow": Throttled("DRS: slow down"),
        "fault": KeyError(TOKEN),
        "conflict": conflict("TAKEN", "is taken", holder="t-2"),
        "denied": ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetItem"),
    }[request.query["how"]]


@pytest.fixture(autouse=True)
def endpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("toy_endpoints")
    module.__dict__.update(show=show, make=make, fail=fail)
    monkeypatch.setitem(sys.modules, "toy_endpoints", module)
    SEEN.clear()


API = Api(
    title="Toy",
    description="A toy.",
    version="1.0.0",
    routes=(
        Route("GET", "/things/{thingId}", "getThing", "", ("view",), "toy_endpoints:show"),
        Route(
            "POST", "/things", "createThing", "", ("edit",), "toy_endpoints:make", body="start-execution", success=201
        ),
        Route("GET", "/fail", "fail", "", ("view",), "toy_endpoints:fail", query=(Parameter("how", ""),)),
    ),
    path_patterns={"thingId": "t-[0-9]+"},
    permissions={"view": "", "edit": ""},
)


@pytest.fixture(scope="module")
def application() -> Application:
    def translate(error: Exception) -> ApiProblem | None:
        return conflict("ODD", str(error)) if isinstance(error, Odd) else None

    roles = {"viewers": ["view"], "editors": ["view", "edit"]}
    return Application(API, lambda: {"from": "services"}, roles, Logger(service="toy"), translate)


def event(method: str, path: str, groups: str = "[viewers]", **more: Any) -> dict[str, Any]:
    """As an HTTP API with a JWT authorizer sends it (payload 2.0)."""
    claims = {"sub": "1", "username": "ada", "cognito:groups": groups}
    return {
        "version": "2.0",
        "routeKey": "ANY /{proxy+}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"authorization": f"Bearer {TOKEN}", **more.pop("headers", {})},
        "requestContext": {
            "stage": "$default",
            "http": {"method": method, "path": path},
            "authorizer": {"jwt": {"claims": claims, "scopes": None}},
        },
        "isBase64Encoded": False,
        **more,
    }


def ask(application: Application, asked: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
    answer = application.handle(asked, None)
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    return answer["statusCode"], json.loads(answer["body"]) if answer["body"] else None, headers


def test_an_endpoint_gets_the_request_and_the_services(application: Application) -> None:
    status, body, headers = ask(application, event("GET", "/things/t-1", headers={"If-Match": '"2"'}))
    assert (status, body) == (200, {"id": "t-1", "from": "services"})
    assert headers["content-type"] == "application/json"
    assert (headers["cache-control"], headers["x-content-type-options"], headers["etag"]) == (
        "no-store",
        "nosniff",
        '"3"',
    )
    assert SEEN[0].headers["if-match"] == '"2"'
    assert SEEN[0].principal.actor == "user:ada"


def test_what_is_created_has_a_place(application: Application) -> None:
    text = json.dumps({"planId": "rp-aaaaaaaaaaaaaaaaaaaa", "type": "DRILL"})
    status, body, headers = ask(application, event("POST", "/things", "[editors]", body=text))
    assert (status, body["type"], headers["location"], headers["etag"]) == (201, "DRILL", "/things/t-1", '"1"')


def test_permission_comes_before_everything_else(application: Application) -> None:
    # Given a viewer with a broken body
    status, body, headers = ask(application, event("POST", "/things", body="{"))
    # Then it is the permission that is missing
    assert (status, body["code"], body["neededPermissions"]) == (403, "FORBIDDEN", ["edit"])
    assert headers["content-type"] == "application/problem+json"
    assert headers["cache-control"] == "no-store"


def test_without_claims_nobody_comes_in(application: Application) -> None:
    asked = event("GET", "/things/t-1")
    del asked["requestContext"]["authorizer"]
    assert ask(application, asked)[0] == 401


def test_a_claim_in_a_header_or_body_is_no_claim(application: Application) -> None:
    # Given a request that pretends to be a direct invocation
    asked = event("POST", "/things", towpath={"method": "POST", "path": "/things", "principal": "root"})
    # Then it is judged by its token
    assert ask(application, asked)[1]["code"] == "FORBIDDEN"


def test_an_id_of_another_form_is_not_found(application: Application) -> None:
    for path in ("/things/x", "/things/t-1%0a", "/things/t-1;", "/things/LOCK"):
        assert ask(application, event("GET", path))[0] == 404
    assert SEEN == []


def test_an_unknown_path_is_not_found_and_an_unknown_method_says_what_is_known(application: Application) -> None:
    status, body, _ = ask(application, event("GET", "/nothing"))
    assert (status, body["code"], body["title"]) == (404, "NOT_FOUND", "Not Found")
    status, body, headers = ask(application, event("PATCH", "/things/t-1"))
    assert (status, headers["allow"]) == (405, "GET")
    for path in ("/things/x#y", "/things/t-1#y"):
        assert ask(application, event("GET", path))[0] == 404


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("odd", 409, "ODD"),
        ("missing", 404, "NOT_FOUND"),
        ("slow", 503, "THROTTLED"),
        ("fault", 500, "INTERNAL_ERROR"),
        ("conflict", 409, "TAKEN"),
        ("denied", 424, "PERMISSION_DENIED"),
    ],
)
def test_errors_become_problems(application: Application, how: str, status: int, code: str) -> None:
    found, body, headers = ask(application, event("GET", "/fail", queryStringParameters={"how": how}))
    assert (found, body["code"], body["status"]) == (status, code, status)
    assert body["type"].endswith(code.lower().replace("_", "-"))
    assert headers.get("retry-after") == ("2" if status == 503 else None)


def test_a_fault_tells_nothing_of_itself(application: Application) -> None:
    context = SimpleNamespace(aws_request_id="r-1")
    answer = application.handle(event("GET", "/fail", queryStringParameters={"how": "fault"}), context)
    assert TOKEN not in json.dumps(answer)
    assert json.loads(answer["body"])["requestId"] == "r-1"


def test_a_token_is_never_logged(application: Application, capsys: pytest.CaptureFixture[str]) -> None:
    ask(application, event("GET", "/things/t-1"))
    ask(application, event("POST", "/things", body="{"))
    out = capsys.readouterr()
    assert TOKEN not in out.out + out.err


def direct(**asked: Any) -> dict[str, Any]:
    return {"towpath": asked}


def test_an_invoker_has_all_permissions(application: Application) -> None:
    body = {"planId": "rp-aaaaaaaaaaaaaaaaaaaa", "type": "DRILL"}
    status, answer, _ = ask(application, direct(method="post", path="/things", body=body, principal="arn:x"))
    assert (status, answer) == (201, body)
    ask(application, direct(method="GET", path="/things/t-1", headers={"If-Match": '"1"'}, principal="arn:x"))
    assert SEEN[0].principal.actor == "aws:arn:x" and SEEN[0].principal.direct
    assert SEEN[0].headers == {"if-match": '"1"'}


def test_an_invocation_leaves_nothing_to_the_next_request(application: Application) -> None:
    # Given a direct invocation, also of a path that does not exist
    ask(application, direct(method="GET", path="/things/t-1", principal="arn:x"))
    ask(application, direct(method="GET", path="/nothing", principal="arn:x"))
    # Then a request without a token is not taken for it
    asked = event("GET", "/things/t-1")
    del asked["requestContext"]["authorizer"]
    assert ask(application, asked)[0] == 401


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({"towpath": "x"}, "$.towpath"),
        ({"towpath": {"path": "/"}}, "$.towpath.method"),
        ({"towpath": {"method": "GET"}}, "$.towpath.path"),
        ({"towpath": {"method": "GET", "path": "/", "query": {"limit": 1}}}, "$.towpath.query"),
        ({"towpath": {"method": "GET", "path": "/", "headers": []}}, None),
        ({"towpath": {"method": "GET", "path": "/", "headers": ["x"]}}, "$.towpath.headers"),
    ],
)
def test_a_malformed_invocation_is_a_problem(application: Application, asked: dict[str, Any], path: str | None) -> None:
    status, body, _ = ask(application, asked)
    assert status == (400 if path else 404)
    assert [error["path"] for error in body.get("errors", [])] == ([path] if path else [])
