"""HTTP APIs: who is let in, how often, what their functions see and what is logged."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from local_cloud import api_session
from local_cloud.api_session import ApiAnswer, Tokens
from tests.integration.local_cloud.conftest import ACCOUNT, Cloud, eventually
from tests.integration.local_cloud.resources import function, unique

ECHO = """
import json
def handler(event, context):
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(event)}
"""
FORMAT = {
    "id": "$context.requestId",
    "route": "$context.routeKey",
    "status": "$context.status",
    "sub": "$context.authorizer.claims.sub",
    "error": "$context.error.message",
    "integration": "$context.integrationErrorMessage",
}
GROUP = "recover"


class Api:
    """An API whose function needs a token at /{proxy+} and none at GET /open, with its user pool."""

    def __init__(
        self, cloud: Cloud, code: str = ECHO, invited: bool = True, milliseconds: int = 30_000, **stage: Any
    ) -> None:
        self.cloud, self.gateway = cloud, cloud.client("apigatewayv2")
        self.users, self.name = cloud.client("cognito-idp"), unique("api")
        self.pool = self.users.create_user_pool(PoolName=self.name)["UserPool"]["Id"]
        self.client = self.user_client()
        self.users.create_group(UserPoolId=self.pool, GroupName=GROUP)
        created = self.gateway.create_api(Name=self.name, ProtocolType="HTTP")
        self.id, self.endpoint = created["ApiId"], created["ApiEndpoint"]
        self.function = function(cloud, code)
        integration = self.gateway.create_integration(
            ApiId=self.id,
            IntegrationType="AWS_PROXY",
            IntegrationUri=self.function,
            PayloadFormatVersion="2.0",
            TimeoutInMillis=milliseconds,
        )["IntegrationId"]
        target = {"ApiId": self.id, "Target": f"integrations/{integration}"}
        authorizer = {"AuthorizationType": "JWT", "AuthorizerId": self.authorizer()}
        self.gateway.create_route(RouteKey="ANY /{proxy+}", **target, **authorizer)
        self.gateway.create_route(RouteKey="GET /open", **target)
        self.gateway.create_stage(ApiId=self.id, StageName="$default", AutoDeploy=True, **stage)
        for route in ("*/{proxy+}", "GET/open") if invited else ():
            cloud.client("lambda").add_permission(
                FunctionName=self.function,
                StatementId=unique("api"),
                Action="lambda:InvokeFunction",
                Principal="apigateway.amazonaws.com",
                SourceArn=f"arn:aws:execute-api:us-east-1:{ACCOUNT}:{self.id}/*/{route}",
            )

    def user_client(self) -> str:
        created = self.users.create_user_pool_client(
            UserPoolId=self.pool,
            ClientName=unique("client"),
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            IdTokenValidity=45,
            AccessTokenValidity=45,
            TokenValidityUnits={"IdToken": "minutes", "AccessToken": "minutes"},
        )
        return str(created["UserPoolClient"]["ClientId"])

    def authorizer(self) -> str:
        issuer = f"https://cognito-idp.us-east-1.amazonaws.com/{self.pool}"
        created = self.gateway.create_authorizer(
            ApiId=self.id,
            Name="jwt",
            AuthorizerType="JWT",
            IdentitySource=["$request.header.Authorization"],
            JwtConfiguration={"Issuer": issuer, "Audience": [self.client]},
        )
        return str(created["AuthorizerId"])

    def sign_in(self, client: str | None = None) -> Tokens:
        return api_session.sign_in(self.users, self.pool, client or self.client, "ann", [GROUP])

    def call(self, method: str, path: str, **more: Any) -> ApiAnswer:
        return api_session.request(self.cloud.url, self.endpoint, method, path, **more)


def claims(token: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return found


def test_a_signed_in_user_is_let_in_and_the_function_sees_who_it_is(cloud: Cloud) -> None:
    # Given an API and a user with a group
    api = Api(cloud)
    tokens = api.sign_in()

    # When it is called with either token
    seen = [api.call("POST", "/a/b?x=1&x=2", token=each, body={"c": 3}).body for each in (tokens.id, tokens.access)]

    # Then the claims are texts, as AWS hands them on
    for event in seen:
        jwt = event["requestContext"]["authorizer"]["jwt"]["claims"]
        assert (jwt["cognito:groups"], jwt["sub"]) == (f"[{GROUP}]", claims(tokens.id)["sub"])
        assert (event["version"], event["routeKey"]) == ("2.0", "ANY /{proxy+}")
        assert (event["rawPath"], event["rawQueryString"]) == ("/a/b", "x=1&x=2")
        assert (event["pathParameters"], json.loads(event["body"])) == ({"proxy": "a/b"}, {"c": 3})


def test_tokens_live_as_long_as_the_client_says(cloud: Cloud) -> None:
    # Given a client of 45 minutes
    tokens = Api(cloud).sign_in()

    # Then
    assert [claims(token)["exp"] - claims(token)["iat"] for token in (tokens.id, tokens.access)] == [2700, 2700]
    assert claims(tokens.id)["cognito:groups"] == claims(tokens.access)["cognito:groups"] == [GROUP]


def forged(token: str) -> str:
    head, _, signature = token.split(".")
    body = json.dumps({**claims(token), "cognito:groups": ["admin"]}).encode()
    return f"{head}.{base64.urlsafe_b64encode(body).decode().rstrip('=')}.{signature}"


@pytest.mark.parametrize("kind", ["none", "garbage", "forged", "other client", "other pool"])
def test_nobody_else_is_let_in(cloud: Cloud, kind: str) -> None:
    # Given a token that is none of this API's
    api = Api(cloud)
    token = {
        "none": lambda: None,
        "garbage": lambda: "a.b.c",
        "forged": lambda: forged(api.sign_in().id),
        "other client": lambda: api.sign_in(api.user_client()).access,
        "other pool": lambda: Api(cloud).sign_in().id,
    }[kind]()

    # When
    answer = api.call("GET", "/a", token=token)

    # Then
    assert (answer.status, answer.body) == (401, {"message": "Unauthorized"})
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_an_expired_token_is_refused(cloud: Cloud) -> None:
    # Given a client whose access tokens live for two seconds (AWS: five minutes at least)
    api = Api(cloud)
    api.users.update_user_pool_client(
        UserPoolId=api.pool,
        ClientId=api.client,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        AccessTokenValidity=2,
        TokenValidityUnits={"AccessToken": "seconds"},
    )
    token = api.sign_in().access
    assert api.call("GET", "/a", token=token).status == 200

    # Then it is good for no longer than that
    eventually(lambda: api.call("GET", "/a", token=token).status == 401)


def test_an_authorizer_of_tokens_has_no_settings_of_functions(cloud: Cloud) -> None:
    # Given an API with an authorizer
    api = Api(cloud)

    # When
    [found] = api.gateway.get_authorizers(ApiId=api.id)["Items"]

    # Then it is told as it was asked for
    assert found.keys() == {"AuthorizerId", "AuthorizerType", "IdentitySource", "JwtConfiguration", "Name"}


def test_requests_above_the_limit_are_turned_away(cloud: Cloud) -> None:
    # Given a stage that serves a burst of two, and then hardly anything
    limits = {"ThrottlingBurstLimit": 2, "ThrottlingRateLimit": 0.001}
    api = Api(cloud, DefaultRouteSettings=limits)

    # When
    answers = [api.call("GET", "/open") for _ in range(4)]

    # Then
    assert [answer.status for answer in answers] == [200, 200, 429, 429]
    assert answers[-1].body == {"message": "Too Many Requests"}
    assert api.call("GET", "/a").status == 401  # another route has its own bucket


def test_every_request_is_logged_in_the_format_of_the_stage(cloud: Cloud) -> None:
    # Given a stage with an access log
    logs, group = cloud.client("logs"), f"/aws/vendedlogs/{unique('group')}"
    logs.create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{group}"
    api = Api(cloud, AccessLogSettings={"DestinationArn": arn, "Format": json.dumps(FORMAT)})
    token = api.sign_in().id

    # When
    served, refused, lost = api.call("GET", "/a", token=token), api.call("GET", "/a"), api.call("GET", "/")

    # Then
    assert (served.status, refused.status, lost.status) == (200, 401, 404)

    def logged() -> Any:
        events = logs.filter_log_events(logGroupName=group)["events"]
        return len(events) == 3 and [json.loads(event["message"]) for event in events]

    entries = {entry["id"]: entry for entry in eventually(logged)}
    first = entries[served.headers["apigw-requestid"]]
    assert (first["route"], first["status"], first["sub"]) == ("ANY /{proxy+}", "200", claims(token)["sub"])
    assert served.body["requestContext"]["requestId"] == first["id"]
    second = entries[refused.headers["apigw-requestid"]]
    assert (second["status"], second["sub"], second["error"]) == ("401", "-", "Unauthorized")
    assert entries[lost.headers["apigw-requestid"]]["route"] == "-"


def test_a_function_that_does_not_invite_the_api_is_not_invoked(cloud: Cloud) -> None:
    # Given a function without a permission for the API
    api = Api(cloud, invited=False)

    # When / Then
    answer = api.call("GET", "/open")
    assert (answer.status, answer.body) == (500, {"message": "Internal Server Error"})


def test_what_a_function_fails_of_is_not_told(cloud: Cloud) -> None:
    # Given a function that raises
    api = Api(cloud, code="def handler(event, context):\n    raise ValueError('secret')\n")

    # When / Then
    answer = api.call("GET", "/open")
    assert (answer.status, answer.body) == (500, {"message": "Internal Server Error"})


def test_a_function_that_takes_too_long_is_not_waited_for(cloud: Cloud) -> None:
    # Given an integration of a tenth of a second, and a function that takes two
    code = "import time\ndef handler(event, context):\n    time.sleep(2)\n"
    api = Api(cloud, code=code, milliseconds=100)

    # When / Then
    answer = api.call("GET", "/open")
    assert (answer.status, answer.body) == (503, {"message": "Service Unavailable"})


def test_cognito_makes_up_passwords_that_any_policy_takes(cloud: Cloud) -> None:
    # Given a pool with a strict policy
    users = cloud.client("cognito-idp")
    policy = {"MinimumLength": 32, "RequireUppercase": True, "RequireNumbers": True, "RequireSymbols": True}
    pool = users.create_user_pool(PoolName=unique("pool"), Policies={"PasswordPolicy": policy})["UserPool"]["Id"]

    # When
    made = users.admin_create_user(UserPoolId=pool, Username="ann", MessageAction="SUPPRESS")["User"]

    # Then
    assert made["UserStatus"] == "FORCE_CHANGE_PASSWORD"


def test_a_jwt_authorizer_has_no_members_of_a_function(cloud: Cloud) -> None:
    """Terraform would want to take them away in every plan."""
    # Given an authorizer as Terraform makes it
    api = Api(cloud)

    # When it is read back
    (authorizer,) = api.gateway.get_authorizers(ApiId=api.id)["Items"]

    # Then it says what it was made with
    given = {"AuthorizerId", "AuthorizerType", "IdentitySource", "JwtConfiguration", "Name"}
    assert set(authorizer) == given
