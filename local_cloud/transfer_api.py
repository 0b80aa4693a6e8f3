"""Transfer Family's API: what Terraform wrote is what it reads back.

ministack keeps a fixed few of a server's and a user's settings, has no updates and no tag calls, and gives dates as
text where AWS's JSON protocol has numbers; each of these is a plan that never becomes empty, or an error.
Shapes and defaults are those of the Transfer Family API reference.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import cache
from http import HTTPStatus
from typing import Any

import botocore.session
from ministack.core.responses import error_response_json, json_response
from ministack.services import transfer

from local_cloud.connectors.records import CONNECTORS
from local_cloud.symbols import PatchedSymbol

Response = tuple[int, dict[str, str], bytes]
_MODULE = "ministack.services.transfer"
SYMBOLS = (
    PatchedSymbol(_MODULE, "handle_request", "79066b858b35a4d5"),
    PatchedSymbol(_MODULE, "_create_server", "4f4a4bd7b64515ce"),
    PatchedSymbol(_MODULE, "_describe_server", "58dbd5f41c8474da"),
    PatchedSymbol(_MODULE, "_create_user", "00562b950381b83b"),
    PatchedSymbol(_MODULE, "_describe_user", "2f15690077d54714"),
)
# Under this key a record keeps the request that made it, so that it survives snapshots together with the record.
_REQUESTED = "Requested"
_SERVER_DEFAULTS = {
    "SecurityPolicyName": "TransferSecurityPolicy-2018-11",
    "IpAddressType": "IPV4",
    "S3StorageOptions": {"DirectoryListingOptimization": "DISABLED"},
    "ProtocolDetails": {"PassiveIp": "AUTO", "TlsSessionResumptionMode": "ENFORCED", "SetStatOption": "DEFAULT"},
}


@cache
def _members(shape: str) -> frozenset[str]:
    model = botocore.session.get_session().get_service_model("transfer")
    return frozenset(model.shape_for(shape).members)


def requested(record: Mapping[str, Any], name: str) -> Any:
    """A setting of a server or user record as it was requested, None without."""
    return record.get(_REQUESTED, {}).get(name)


def server_setting(server: Mapping[str, Any], name: str) -> Any:
    """A setting of a server record as it was requested, or AWS's default."""
    return server.get(_REQUESTED, {}).get(name, _SERVER_DEFAULTS.get(name))


def _requested(record: dict[str, Any], shape: str) -> dict[str, Any]:
    return {name: value for name, value in record.get(_REQUESTED, {}).items() if name in _members(shape)}


def _missing(what: str) -> Response:
    answer: Response = error_response_json("ResourceNotFoundException", f"Unknown {what}", 404)
    return answer


def describe_server(data: dict[str, Any]) -> Response:
    """DescribeServer: ministack's facts (state, user count) over what was requested over the defaults."""
    server = transfer._servers.get(data.get("ServerId", ""))
    if server is None:
        return _missing(f"server: {data.get('ServerId')}")
    known = {name: server[name] for name in ("Arn", "ServerId", "State", "UserCount", "Tags")}
    basics = {name: server[name] for name in ("Domain", "EndpointType", "IdentityProviderType", "Protocols")}
    answer: Response = json_response(
        {"Server": {**_SERVER_DEFAULTS, **basics, **_requested(server, "DescribedServer"), **known}}
    )
    return answer


def update_server(data: dict[str, Any]) -> Response:
    """UpdateServer: only the settings in the request change."""
    server = transfer._servers.get(data.get("ServerId", ""))
    if server is None:
        return _missing(f"server: {data.get('ServerId')}")
    server.setdefault(_REQUESTED, {}).update(data)
    server.update({name: data[name] for name in ("EndpointType", "Protocols") if name in data})
    answer: Response = json_response({"ServerId": server["ServerId"]})
    return answer


def _user(data: dict[str, Any]) -> dict[str, Any] | None:
    found: dict[str, Any] | None = transfer._users.get(f"{data.get('ServerId')}/{data.get('UserName')}")
    return found


def describe_user(data: dict[str, Any]) -> Response:
    """DescribeUser, with the dates of its keys as seconds since the epoch."""
    user = _user(data)
    if user is None:
        return _missing(f"user: {data.get('UserName')}")
    described = {name: user[name] for name in ("Arn", "UserName", "Tags", "Role", "HomeDirectoryType")}
    described |= _requested(user, "DescribedUser")
    described["SshPublicKeys"] = [
        {**key, "DateImported": datetime.fromisoformat(key["DateImported"]).timestamp()}
        for key in user["SshPublicKeys"]
    ]
    answer: Response = json_response({"ServerId": user["ServerId"], "User": described})
    return answer


def update_user(data: dict[str, Any]) -> Response:
    """UpdateUser: only the settings in the request change; the next login sees them."""
    user = _user(data)
    if user is None:
        return _missing(f"user: {data.get('UserName')}")
    user.setdefault(_REQUESTED, {}).update(data)
    user.update({name: value for name, value in data.items() if name in user})
    answer: Response = json_response({"ServerId": user["ServerId"], "UserName": user["UserName"]})
    return answer


def _tagged(arn: str) -> dict[str, Any] | None:
    records = [*transfer._servers.values(), *transfer._users.values(), *CONNECTORS.values()]
    return next((record for record in records if record["Arn"] == arn), None)


def change_tags(data: dict[str, Any]) -> Response:
    """TagResource and UntagResource: `Tags` are set, `TagKeys` are removed."""
    record = _tagged(data["Arn"])
    if record is None:
        return _missing(f"resource: {data['Arn']}")
    new = {tag["Key"]: tag for tag in data.get("Tags", [])}
    dropped = new.keys() | set(data.get("TagKeys", []))
    record["Tags"] = [tag for tag in record["Tags"] if tag["Key"] not in dropped] + list(new.values())
    answer: Response = json_response({})
    return answer


def list_tags(data: dict[str, Any]) -> Response:
    """ListTagsForResource, in one page: AWS allows 50 tags a resource."""
    record = _tagged(data["Arn"])
    if record is None:
        return _missing(f"resource: {data['Arn']}")
    answer: Response = json_response({"Arn": data["Arn"], "Tags": record["Tags"]})
    return answer


_ACTIONS: dict[str, Callable[[dict[str, Any]], Response]] = {
    "DescribeServer": describe_server,
    "UpdateServer": update_server,
    "DescribeUser": describe_user,
    "UpdateUser": update_user,
    "TagResource": change_tags,
    "UntagResource": change_tags,
    "ListTagsForResource": list_tags,
}


def remember(action: str, data: dict[str, Any], answer: Response) -> None:
    """Keeps the request beside the record that ministack made from it."""
    if answer[0] != HTTPStatus.OK:
        return
    if action == "CreateServer":
        transfer._servers[json.loads(answer[2])["ServerId"]][_REQUESTED] = {**data}
    elif action == "CreateUser" and (user := _user(data)) is not None:
        user[_REQUESTED] = {**data}


def install() -> None:
    """Puts the actions above in front of ministack's own."""
    original: Callable[..., Awaitable[Response]] = transfer.handle_request

    async def handle_request(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        if action in _ACTIONS:
            return _ACTIONS[action](json.loads(body or b"{}"))
        answer = await original(method, path, headers, body, query)
        remember(action, json.loads(body or b"{}"), answer)
        return answer

    transfer.handle_request = handle_request
