"""WebSocket APIs: who is let in, where messages go, what comes back, when it ends, who may post."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from websockets.exceptions import InvalidStatus

from local_cloud.live_session import LiveConnection
from tests.integration.local_cloud.conftest import ACCOUNT, Cloud, eventually
from tests.integration.local_cloud.resources import function, unique

AUTHORIZER = """
def handler(event, context):
    ticket = event["queryStringParameters"]["ticket"]
    effect = "Allow" if ticket.startswith("good") else "Deny"
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"]}
    return {
        "principalId": ticket,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {"actor": "user:" + ticket},
    }
"""
#: Posts the event of each message back, does as it is told, and keeps the end of each connection in a table.
HANDLER = """
import json, os, time
import boto3
from botocore.config import Config

def handler(event, context):
    asked = event["requestContext"]
    if asked["eventType"] == "DISCONNECT":
        item = {"PK": {"S": asked["connectionId"]}, "SK": {"S": str(asked["disconnectStatusCode"])}}
        boto3.client("dynamodb").put_item(TableName=os.environ["TABLE"], Item=item)
    if asked["eventType"] == "CONNECT":
        return {"statusCode": int(event["queryStringParameters"].get("status", "200"))}
    message = event.get("body") or ""
    if "fail" in message:
        raise ValueError("secret")
    go = {"PK": {"S": "go-" + asked["connectionId"]}}
    if "waits" in message:
        table = {"TableName": os.environ["TABLE"], "ConsistentRead": True}
        while "Item" not in boto3.client("dynamodb").get_item(Key=go, **table):
            time.sleep(0.05)
    if "goes" in message:
        boto3.client("dynamodb").put_item(TableName=os.environ["TABLE"], Item={**go, "SK": {"S": ""}})
    if asked["eventType"] == "MESSAGE":
        url = "http://" + asked["domainName"] + ":" + os.environ["PORT"] + "/" + asked["stage"]
        once = Config(retries={"total_max_attempts": 1})
        gateway = boto3.client("apigatewaymanagementapi", endpoint_url=url, config=once)
        gateway.post_to_connection(ConnectionId=asked["connectionId"], Data=json.dumps(event).encode())
    return {"statusCode": 200, "body": "answer"}
"""
FORMAT = {"event": "$context.eventType", "route": "$context.routeKey", "status": "$context.status",
          "who": "$context.authorizer.principalId", "connection": "$context.connectionId",
          "query": "$context.queryString"}  # fmt: skip
ROUTES = ("$connect", "$disconnect", "$default", "echo")


class Api:
    """An API with an authorizer and one function for all routes."""

    def __init__(self, cloud: Cloud, invited: bool = True, answers: bool = False, **stage: Any) -> None:
        self.cloud, self.gateway, self.name = cloud, cloud.client("apigatewayv2"), unique("live")
        made = self.gateway.create_api(
            Name=self.name, ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
        )
        self.id, self.url = made["ApiId"], f"{made['ApiEndpoint']}/live"
        self.arn = f"arn:aws:execute-api:us-east-1:{ACCOUNT}:{self.id}"
        self.table = unique("ends")
        keys = [{"AttributeName": "PK", "KeyType": "HASH"}]
        types = [{"AttributeName": "PK", "AttributeType": "S"}]
        cloud.client("dynamodb").create_table(
            TableName=self.table, KeySchema=keys, AttributeDefinitions=types, BillingMode="PAY_PER_REQUEST"
        )
        self.handler = function(
            cloud,
            HANDLER,
            {"Action": "execute-api:ManageConnections", "Resource": f"{self.arn}/live/POST/@connections/*"},
            {
                "Action": ["dynamodb:GetItem", "dynamodb:PutItem"],
                "Resource": f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{self.table}",
            },
            Environment={"Variables": {"PORT": str(cloud.port), "TABLE": self.table}},
            Timeout=10,
        )
        self.authorizer = function(cloud, AUTHORIZER)
        self._routes(answers)
        self.gateway.create_stage(ApiId=self.id, StageName="live", AutoDeploy=True, **stage)
        if invited:
            self.invite(self.authorizer, f"{self.arn}/authorizers/*")
            self.invite(self.handler, f"{self.arn}/live/*")

    def _routes(self, answers: bool) -> None:
        integration = self.gateway.create_integration(
            ApiId=self.id, IntegrationType="AWS_PROXY", IntegrationUri=invocation(self.handler)
        )
        authorizer = self.gateway.create_authorizer(
            ApiId=self.id,
            Name="ticket",
            AuthorizerType="REQUEST",
            AuthorizerUri=invocation(self.authorizer),
            IdentitySource=["route.request.querystring.ticket"],
        )["AuthorizerId"]
        for key in ROUTES:
            more = {"AuthorizationType": "CUSTOM", "AuthorizerId": authorizer} if key == "$connect" else {}
            route = self.gateway.create_route(
                ApiId=self.id, RouteKey=key, Target=f"integrations/{integration['IntegrationId']}", **more
            )["RouteId"]
            if answers and key == "echo":
                self.gateway.create_route_response(ApiId=self.id, RouteId=route, RouteResponseKey="$default")

    def invite(self, function_arn: str, source: str) -> None:
        self.cloud.client("lambda").add_permission(
            FunctionName=function_arn,
            StatementId=unique("live"),
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=source,
        )

    def connect(self, ticket: str = "good", **query: str) -> LiveConnection:
        return LiveConnection(self.cloud.url, self.url, {"ticket": ticket, **query})

    def management(self, role: str | None = None) -> Any:
        """The management API, of the administrator or a role; by path, since names do not resolve."""
        client = self.cloud.client_as(role, "apigatewaymanagementapi") if role else None
        made = client or self.cloud.client("apigatewaymanagementapi")
        made.meta.events.register("before-sign", self._to_stage)
        return made

    def _to_stage(self, request: Any, **_: Any) -> None:
        at = f"{self.cloud.url}/"
        request.url = request.url.replace(at, f"{at}_aws/execute-api/{self.id}/live/", 1)

    def ends(self) -> dict[str, str]:
        items = self.cloud.client("dynamodb").scan(TableName=self.table)["Items"]
        return {item["PK"]["S"]: item["SK"]["S"] for item in items}


def invocation(function_arn: str) -> str:
    return f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function_arn}/invocations"


def echoed(connection: LiveConnection, **message: Any) -> dict[str, Any]:
    connection.say({"action": "echo", **message})
    heard: dict[str, Any] = connection.hear()
    return heard


def status_of(refused: pytest.ExceptionInfo[InvalidStatus]) -> int:
    return refused.value.response.status_code


@contextmanager
def limits(cloud: Cloud, **named: float) -> Iterator[None]:
    cloud.control("POST", "websockets", named)
    try:
        yield
    finally:
        cloud.control("DELETE", "websockets")


@pytest.fixture(scope="module")
def api(cloud: Cloud) -> Api:
    return Api(cloud)


def test_who_is_let_in_is_in_every_event_until_the_end(api: Api) -> None:
    # Given a connection with a ticket that the authorizer takes
    with api.connect() as connection:
        first, second = echoed(connection, n=1), echoed(connection, n=2)

    # Then each event says who it is, and of which connection
    for event in (first, second):
        assert event["requestContext"]["authorizer"] == {"actor": "user:good", "principalId": "good"}
        assert (event["requestContext"]["eventType"], event["requestContext"]["routeKey"]) == ("MESSAGE", "echo")
    assert json.loads(second["body"])["n"] == 2
    assert first["requestContext"]["connectedAt"] == second["requestContext"]["connectedAt"]

    # And the end is told, once it has come
    assert eventually(lambda: first["requestContext"]["connectionId"] in api.ends())


@pytest.mark.parametrize(
    ("query", "status"),
    [({"ticket": "bad"}, 403), ({"ticket": ""}, 401), ({}, 401), ({"ticket": "good", "status": "418"}, 418)],
)
def test_who_is_not_let_in_hears_why(api: Api, query: dict[str, str], status: int) -> None:
    with pytest.raises(InvalidStatus) as refused:
        LiveConnection(api.cloud.url, api.url, query)
    assert status_of(refused) == status


def test_there_is_nobody_at_another_stage(api: Api) -> None:
    with pytest.raises(InvalidStatus) as refused:
        LiveConnection(api.cloud.url, api.url.replace("/live", "/other"), {"ticket": "good"})
    assert status_of(refused) == 403


def test_functions_that_do_not_invite_the_api_are_not_invoked(cloud: Cloud) -> None:
    # Given functions that let nobody in
    api = Api(cloud, invited=False)

    # Then nobody can connect, also once the authorizer may be asked
    with pytest.raises(InvalidStatus) as refused:
        api.connect()
    assert status_of(refused) == 500
    api.invite(api.authorizer, f"{api.arn}/authorizers/*")
    with pytest.raises(InvalidStatus) as refused:
        api.connect()
    assert status_of(refused) == 500


def test_what_names_no_action_goes_to_the_default_route(api: Api) -> None:
    with api.connect() as connection:
        for message in ("no json", {"action": "unknown"}, {}):
            connection.say(message)
            assert connection.hear()["requestContext"]["routeKey"] == "$default"


def test_what_a_function_fails_of_is_not_told(api: Api) -> None:
    with api.connect() as connection:
        connection.say({"action": "echo", "fail": True})
        heard = connection.hear()
    assert heard["message"] == "Internal server error"
    assert set(heard) == {"message", "connectionId", "requestId"}


def test_a_message_does_not_wait_for_the_one_before(api: Api) -> None:
    # Given a message that is answered when another one has been
    with api.connect() as connection:
        connection.say({"action": "echo", "n": "waits"})

        # When that comes, both are answered
        connection.say({"action": "echo", "n": "goes"})
        heard = {json.loads(connection.hear()["body"])["n"] for _ in range(2)}
    assert heard == {"waits", "goes"}


def test_an_answer_is_sent_where_a_route_response_was_made(cloud: Cloud) -> None:
    with Api(cloud, answers=True).connect() as connection:
        connection.say({"action": "echo"})
        heard = [connection._socket.recv(timeout=10) for _ in range(2)]
    assert "answer" in heard


def test_large_frames_and_messages_end_the_connection(api: Api) -> None:
    # Given a message of 96 KiB in frames of 31
    kib = "x" * 1024
    with api.connect() as connection:
        connection.say_in_frames('{"action": "echo", "data": "', *[kib * 31] * 3, '"}')
        assert len(connection.hear()["body"]) > 93 * 1024

        # When a frame is larger than 32 KiB, the connection is over
        connection.say(kib * 33)
        assert connection.ended() == 1009

    # And also when a message has more than 128 KiB
    with api.connect() as connection:
        connection.say_in_frames(*[kib * 31] * 5)
        assert connection.ended() == 1009


@pytest.mark.parametrize("limit", ["idle_seconds", "duration_seconds"])
def test_connections_end_by_themselves(api: Api, limit: str) -> None:
    with limits(api.cloud, **{limit: 0.5}), api.connect() as connection:
        assert connection.ended() == 1001
    assert eventually(lambda: "1001" in api.ends().values())


def test_limits_have_names(cloud: Cloud) -> None:
    with pytest.raises(OSError, match="400"):
        cloud.control("POST", "websockets", {"idle": 1})


def test_messages_are_throttled(cloud: Cloud) -> None:
    settings = {"ThrottlingBurstLimit": 1, "ThrottlingRateLimit": 0.01}
    with Api(cloud, DefaultRouteSettings=settings).connect() as connection:
        assert "requestContext" in echoed(connection)
        assert echoed(connection)["message"] == "Too Many Requests"


def test_connections_are_managed_by_their_id(api: Api) -> None:
    # Given an open connection
    management = api.management()
    with api.connect() as connection:
        connection_id = echoed(connection)["requestContext"]["connectionId"]

        # When it is looked at, posted to and deleted
        found = management.get_connection(ConnectionId=connection_id)
        management.post_to_connection(ConnectionId=connection_id, Data=b'{"n": 1}')
        heard = connection.hear()
        management.delete_connection(ConnectionId=connection_id)
        code = connection.ended()

    # Then each does what its name says
    assert abs((datetime.now(UTC) - found["ConnectedAt"]).total_seconds()) < 60
    assert found["LastActiveAt"] >= found["ConnectedAt"]
    assert found["Identity"]["SourceIp"] == "127.0.0.1"
    assert (heard, code) == ({"n": 1}, 1000)

    # And it is gone
    with pytest.raises(management.exceptions.GoneException):
        management.post_to_connection(ConnectionId=connection_id, Data=b"{}")


def test_posting_needs_a_permission_on_the_api(api: Api) -> None:
    # Given a role that may post to connections of the stage, and one that may invoke the API
    posting = {"Action": "execute-api:ManageConnections", "Resource": f"{api.arn}/live/POST/@connections/*"}
    role = api.cloud.role("lambda", posting)
    allowed = api.management(role)
    invoking = {"Action": "execute-api:Invoke", "Resource": f"{api.arn}/*"}
    denied = api.management(api.cloud.role("lambda", invoking))

    with api.connect() as connection:
        connection_id = echoed(connection)["requestContext"]["connectionId"]

        # Then the one posts, and cannot delete; the other can do neither
        allowed.post_to_connection(ConnectionId=connection_id, Data=b"{}")
        assert connection.hear() == {}
        with pytest.raises(allowed.exceptions.ForbiddenException):
            allowed.delete_connection(ConnectionId=connection_id)
        with pytest.raises(denied.exceptions.ForbiddenException):
            denied.post_to_connection(ConnectionId=connection_id, Data=b"{}")

    # And the record says what the first one was seen to need
    asked = [each for each in api.cloud.control("GET", "permissions")["permissions"] if each["role"] in role]
    assert [(each["action"], each["allowed"], each["denied"]) for each in asked] == [
        ("execute-api:ManageConnections", 1, 1)
    ]


def test_too_much_is_not_posted(api: Api) -> None:
    management = api.management()
    with api.connect() as connection:
        connection_id = echoed(connection)["requestContext"]["connectionId"]
        with pytest.raises(management.exceptions.PayloadTooLargeException):
            management.post_to_connection(ConnectionId=connection_id, Data=b"x" * (128 * 1024 + 1))
        with limits(api.cloud, waiting_messages=0), pytest.raises(management.exceptions.LimitExceededException):
            management.post_to_connection(ConnectionId=connection_id, Data=b"{}")


def test_posts_are_calls_that_faults_can_strike(api: Api) -> None:
    # Given a rule that throttles the first post of functions
    rule = {"id": "busy", "service": "execute-api", "operation": "PostToConnection", "nth": [1]}
    since = api.cloud.control("POST", "calls/mark")["mark"]
    api.cloud.control("POST", "faults", {"rules": [{**rule, "action": {"type": "throttle"}}]})
    try:
        with api.connect() as connection:
            # When a function posts twice
            connection.say({"action": "echo"})
            assert connection.hear()["message"] == "Internal server error"
            echoed(connection)
    finally:
        api.cloud.control("DELETE", "faults")

    # Then the first was refused, and both are in the record
    calls = api.cloud.control("GET", f"calls?since={since}")["calls"]
    posts = [call for call in calls if call["operation"] == "PostToConnection"]
    assert [(call["status"], call["error"]) for call in posts] == [(429, "LimitExceededException"), (200, None)]
    assert posts[0]["resource"].startswith(f"{api.arn}/live/POST/@connections/")


def test_each_event_is_a_line_in_the_log(cloud: Cloud) -> None:
    # Given a stage with an access log
    logs, group = cloud.client("logs"), unique("/live")
    logs.create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{group}"
    api = Api(cloud, AccessLogSettings={"DestinationArn": arn, "Format": json.dumps(FORMAT)})

    # When somebody comes and goes, and somebody else is refused
    with api.connect() as connection:
        connection_id = echoed(connection)["requestContext"]["connectionId"]
    with pytest.raises(InvalidStatus):
        api.connect("bad")

    def logged() -> Any:
        events = logs.filter_log_events(logGroupName=group)["events"]
        return len(events) == 4 and [json.loads(event["message"]) for event in events]

    # Then there are four lines, and no ticket in the query
    lines = eventually(logged)
    mine = [(line["event"], line["status"], line["who"]) for line in lines if line["connection"] == connection_id]
    assert sorted(mine) == [("CONNECT", "200", "good"), ("DISCONNECT", "200", "good"), ("MESSAGE", "200", "good")]
    assert [line["status"] for line in lines if line["connection"] != connection_id] == ["403"]
    assert {line["query"] for line in lines} == {"-"}


def test_parts_read_back_as_they_were_made(api: Api) -> None:
    """Terraform would want to change them in every plan."""
    (authorizer,) = api.gateway.get_authorizers(ApiId=api.id)["Items"]
    assert set(authorizer) == {"AuthorizerId", "AuthorizerType", "AuthorizerUri", "IdentitySource", "Name"}
    (integration,) = api.gateway.get_integrations(ApiId=api.id)["Items"]
    assert (integration["PayloadFormatVersion"], integration["TimeoutInMillis"]) == ("1.0", 29_000)
    assert api.url.startswith("ws://")


def test_an_unknown_connection_is_gone(api: Api) -> None:
    with pytest.raises(ClientError) as gone:
        api.management().post_to_connection(ConnectionId="abc=", Data=b"{}")
    assert gone.value.response["ResponseMetadata"]["HTTPStatusCode"] == 410
