"""HTTP APIs and user pools of a running local cloud as their users see them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

# Long enough for every password policy of ours, and with all kinds of characters.
PASSWORD = "Correct-Horse-Battery-1"
_SECONDS = 35  # API Gateway waits for an integration for at most 30 seconds


@dataclass(frozen=True)
class ApiAnswer:
    """An answer of an HTTP API; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Any:
        """The decoded JSON body; None when there is none."""
        return json.loads(self.text) if self.text else None


@dataclass(frozen=True)
class Tokens:
    """What a user pool gives to somebody who signed in."""

    id: str
    access: str
    refresh: str


def request(
    cloud: str,
    endpoint: str,
    method: str,
    path: str,
    *,
    token: str | None = None,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
) -> ApiAnswer:
    """Calls the API with the given `endpoint` on the local cloud at the URL `cloud`; `path` may have a query.

    The name of the API's host resolves nowhere, so it goes into the Host header. Bodies become JSON unless bytes.
    """
    sent = {"host": urlsplit(endpoint).netloc, **(headers or {})}
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    if data is not None:
        sent.setdefault("content-type", "application/json")
    if token is not None:
        sent["authorization"] = f"Bearer {token}"
    asked = urllib.request.Request(f"{cloud}{path}", data=data, method=method, headers=sent)
    try:
        with urllib.request.urlopen(asked, timeout=_SECONDS) as answer:
            return _answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as refused:
        return _answer(refused.code, refused.headers, refused.read())


def _answer(status: int, headers: Any, body: bytes) -> ApiAnswer:
    return ApiAnswer(status, {name.lower(): value for name, value in headers.items()}, body.decode())


def sign_in(users: Any, pool: str, client: str, name: str, groups: Sequence[str] = ()) -> Tokens:
    """Signs a user of a pool in, who is made if need be and put into exactly these groups.

    `users` is a cognito-idp client; the pool's client must allow USER_PASSWORD_AUTH.
    """
    first: dict[str, Any] = {"TemporaryPassword": PASSWORD, "MessageAction": "SUPPRESS"}
    if "@" in name:
        verified = {"email": name, "email_verified": "true"}
        first["UserAttributes"] = [{"Name": key, "Value": value} for key, value in verified.items()]
    try:
        users.admin_create_user(UserPoolId=pool, Username=name, **first)
        users.admin_set_user_password(UserPoolId=pool, Username=name, Password=PASSWORD, Permanent=True)
    except users.exceptions.UsernameExistsException:
        pass
    listed = users.admin_list_groups_for_user(UserPoolId=pool, Username=name)["Groups"]
    present = {group["GroupName"] for group in listed}
    for group in present - set(groups):
        users.admin_remove_user_from_group(UserPoolId=pool, Username=name, GroupName=group)
    for group in set(groups) - present:
        users.admin_add_user_to_group(UserPoolId=pool, Username=name, GroupName=group)
    parameters = {"USERNAME": name, "PASSWORD": PASSWORD}
    given = users.initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)
    tokens = given["AuthenticationResult"]
    return Tokens(tokens["IdToken"], tokens["AccessToken"], tokens["RefreshToken"])
