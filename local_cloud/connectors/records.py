"""Connectors as their API describes them.

Shapes and defaults are those of the Transfer Family API reference.
"""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region

from local_cloud.aws_models.errors import ApiError
from local_cloud.settings import LOOPBACK

Record = dict[str, Any]
CONNECTORS = AccountRegionScopedDict()
"""Connector id → record, in the shape of DescribedConnector."""
MOST_CONNECTIONS = 5
_PAGE = 1000
_SETTINGS = ("Url", "AccessRole", "LoggingRole", "SecurityPolicyName", "IpAddressType")


def invalid(message: str) -> ApiError:
    """How Transfer Family refuses what it cannot do."""
    return ApiError("InvalidRequestException", message)


def missing(what: str) -> ApiError:
    """How Transfer Family says that something does not exist."""
    return ApiError("ResourceNotFoundException", f"Unknown {what}", HTTPStatus.NOT_FOUND)


def find(data: Record) -> Record:
    """The connector of a request. Raises ApiError."""
    found: Record | None = CONNECTORS.get(data["ConnectorId"])
    if found is None:
        raise missing(f"connector: {data['ConnectorId']}")
    return found


def create(data: Record, _principal: str) -> Record:
    """CreateConnector, for the SFTP protocol."""
    _check(data)
    connector_id = f"c-{uuid.uuid4().hex[:17]}"
    CONNECTORS[connector_id] = {
        "Arn": f"arn:aws:transfer:{get_region()}:{get_account_id()}:connector/{connector_id}",
        "ConnectorId": connector_id,
        "SecurityPolicyName": "TransferSFTPConnectorSecurityPolicy-2024-03",
        "ServiceManagedEgressIpAddresses": [LOOPBACK],
        "EgressType": "SERVICE_MANAGED",
        "Status": "ACTIVE",
        **{name: data[name] for name in _SETTINGS if name in data},
        "SftpConfig": {"MaxConcurrentConnections": 1, **data["SftpConfig"]},
        "Tags": data.get("Tags", []),
    }
    return {"ConnectorId": connector_id}


def _check(data: Record) -> None:
    if "As2Config" in data or "EgressConfig" in data:
        raise invalid("only SFTP connectors with service-managed egress are simulated")
    if not data.get("Url", "").startswith("sftp://"):
        raise invalid("Url must begin with sftp://")
    if "UserSecretId" not in data.get("SftpConfig", {}):
        raise invalid("SftpConfig must have UserSecretId")
    _check_settings(data["SftpConfig"])


def _check_settings(settings: Record) -> None:
    if settings.get("MaxConcurrentConnections", 1) > MOST_CONNECTIONS:
        raise invalid(f"MaxConcurrentConnections must be at most {MOST_CONNECTIONS}")
    if not settings.get("UserSecretId", "arn:").startswith("arn:"):
        raise invalid("UserSecretId must be the ARN of a secret")


def describe(data: Record, _principal: str) -> Record:
    """DescribeConnector; without tags there is no list of them."""
    return {"Connector": {name: value for name, value in find(data).items() if name != "Tags" or value}}


def update(data: Record, _principal: str) -> Record:
    """UpdateConnector: only the settings in the request change."""
    connector = find(data)
    settings = data.get("SftpConfig", {})
    _check_settings(settings)
    connector.update({name: data[name] for name in _SETTINGS if name in data})
    connector["SftpConfig"] = {**connector["SftpConfig"], **settings}
    return {"ConnectorId": connector["ConnectorId"]}


def delete(data: Record, _principal: str) -> Record:
    """DeleteConnector; what it has been asked for before goes on."""
    del CONNECTORS[find(data)["ConnectorId"]]
    return {}


def list_all(data: Record, _principal: str) -> Record:
    """ListConnectors, by id; the token is the last id of the page before."""
    after, size = data.get("NextToken", ""), data.get("MaxResults", _PAGE)
    left = sorted(
        (one for one in CONNECTORS.values() if one["ConnectorId"] > after), key=lambda one: one["ConnectorId"]
    )
    page = [{name: one[name] for name in ("Arn", "ConnectorId", "Url")} for one in left[:size]]
    return {"Connectors": page} | ({"NextToken": page[-1]["ConnectorId"]} if len(left) > size else {})
