"""Users that a function knows: a server's identity provider of the kind AWS_LAMBDA.

What the function is told and what it may answer: Transfer Family user guide, "Using AWS Lambda to integrate your
identity provider".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from ministack.core import iam_evaluator
from ministack.core.responses import request_scope
from ministack.services import transfer

from local_cloud import aws_client, function_policy, role_trust
from local_cloud.sftp.paths import home_of, mappings_of, split
from local_cloud.transfer_api import requested, server_setting

LONGEST_POLICY = 2048
PASSWORD, PUBLIC_KEY = "PASSWORD", "PUBLIC_KEY"
_VARIABLE = re.compile(r"\$\{transfer:(\w+)\}", re.IGNORECASE)
User = dict[str, Any]


@dataclass(frozen=True)
class Provider:
    """A server that asks a function who its users are."""

    account: str
    region: str
    server: dict[str, Any]

    @property
    def details(self) -> dict[str, Any]:
        """IdentityProviderDetails of the server."""
        found: dict[str, Any] = server_setting(self.server, "IdentityProviderDetails") or {}
        return found

    def takes(self, method: str) -> bool:
        """Whether users may log in by PASSWORD or PUBLIC_KEY alone; both at once is not simulated."""
        wanted = self.details.get("SftpAuthenticationMethods", "PUBLIC_KEY_OR_PASSWORD")
        return wanted in (method, "PUBLIC_KEY_OR_PASSWORD")

    def ask(self, username: str, password: str, source_ip: str) -> Reply:
        """What the function says of a user, who gave a password or, with an empty one, shows a key.

        A function that does not let Transfer Family in, fails or answers no JSON object knows nobody.
        """
        event = {
            "username": username,
            "password": password,
            "protocol": "SFTP",
            "serverId": self.server["ServerId"],
            "sourceIp": source_ip,
        }
        with request_scope(self.account, self.region):
            return self._asked(event)

    def _asked(self, event: dict[str, Any]) -> Reply:
        function = str(self.details.get("Function"))
        if not function_policy.lets_in(function, "transfer", self.server["Arn"]):
            return Reply({}, "Unable to call the identity provider: permission denied")
        try:
            answer = aws_client.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
            known = json.loads(answer["Payload"].read() or b"null")
        except (BotoCoreError, ClientError, ValueError) as error:
            return Reply({}, f"Unable to call the identity provider: {error}")
        if "FunctionError" in answer or not isinstance(known, dict):
            return Reply({}, "The identity provider failed")
        return Reply(known)

    def user(self, username: str, known: dict[str, Any]) -> User | None:
        """The user that an answer describes, in the shape of a user record; None when it cannot be one."""
        user = {
            "UserName": username,
            "Role": known.get("Role", ""),
            "HomeDirectoryType": known.get("HomeDirectoryType", "PATH"),
            "HomeDirectory": known.get("HomeDirectory"),
        }
        arn = self.server["Arn"].replace(":server/", ":user/") + f"/{username}"
        try:
            user["HomeDirectoryMappings"] = json.loads(known.get("HomeDirectoryDetails") or "[]")
            mappings_of(user)
            trusted = role_trust.trusts(user["Role"], "transfer", arn)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            return None
        policy = filled(known["Policy"], user) if known.get("Policy") else None
        if not trusted or (policy and _is_bad(policy)):
            return None
        return user | ({"Policy": policy} if policy else {})


@dataclass(frozen=True)
class Reply:
    """What a function answered; `problem` says why there is no answer."""

    known: dict[str, Any]
    problem: str = ""


def providers() -> Iterator[Provider]:
    """The servers of all accounts that are online and ask functions."""
    for (account, region, _), server in list(transfer._servers._data.items()):
        if server["State"] == "ONLINE" and kind_of(server) == "AWS_LAMBDA":
            yield Provider(account, region, server)


def kind_of(server: dict[str, Any]) -> str:
    """IdentityProviderType of a server."""
    return str(server_setting(server, "IdentityProviderType") or "SERVICE_MANAGED")


def filled(policy: str, user: User) -> str:
    """A session policy with Transfer Family's variables filled in; the home of a LOGICAL user has no bucket."""
    home = home_of(user)
    place = split(home)
    values = {
        "homebucket": place.bucket,
        "homefolder": place.key,
        "homedirectory": home,
        "username": user["UserName"],
    }
    return _VARIABLE.sub(lambda found: values.get(found[1].lower(), found[0]), policy)


def session_policy(user: User) -> str | None:
    """What narrows a user's role, if anything does."""
    policy = user.get("Policy") or requested(user, "Policy")
    return filled(policy, user) if policy else None


def _is_bad(policy: str) -> bool:
    return len(policy) > LONGEST_POLICY or iam_evaluator.validate_policy_document(policy) is not None
