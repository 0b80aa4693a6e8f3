"""Elastic Disaster Recovery as a service of the local cloud."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from ministack.core.responses import get_account_id, get_region, request_scope

from local_cloud.aws_models import authorisation, registration
from local_cloud.aws_models.errors import ApiError
from local_cloud.aws_models.service import ModelledService
from local_cloud.drs.accounts import Accounts
from local_cloud.drs.authorisation import authorise_in
from local_cloud.drs.engine import Event
from local_cloud.drs.operations import SERVICE
from local_cloud.events import put_event
from local_cloud.simulation.service import SimulatedService

SYMBOLS = (*registration.SYMBOLS, *authorisation.SYMBOLS)
# Operation → the member of its request that names what policies are asked about, and that resource's kind. The first
# of several is asked about; the others are asked about one by one when the call is served.
RESOURCES = {
    "StartRecovery": ("sourceServers", "source-server"),
    "TerminateRecoveryInstances": ("recoveryInstanceIDs", "recovery-instance"),
    "StartFailbackLaunch": ("recoveryInstanceIDs", "recovery-instance"),
    "ReverseReplication": ("recoveryInstanceID", "recovery-instance"),
    "StopFailback": ("recoveryInstanceID", "recovery-instance"),
    "GetLaunchConfiguration": ("sourceServerID", "source-server"),
    "UpdateLaunchConfiguration": ("sourceServerID", "source-server"),
    "DescribeRecoverySnapshots": ("sourceServerID", "source-server"),
    "DescribeJobLogItems": ("jobID", "job"),
    "DeleteJob": ("jobID", "job"),
    "TagResource": ("resourceArn", ""),
    "UntagResource": ("resourceArn", ""),
    "ListTagsForResource": ("resourceArn", ""),
}


def _announce(event: Event) -> None:
    with request_scope(event["account"], event["region"]):
        put_event(event["source"], event["detail-type"], event["detail"], event["resources"])


ACCOUNTS = Accounts(_announce, authorise_in)


class _Calls:
    """The simulator of the account and Region that the request is for."""

    def call(self, operation: str, parameters: Mapping[str, Any], principal: str = "") -> dict[str, Any]:
        """See Simulator.call. Raises ApiError AccessDeniedException too."""
        account, region = get_account_id(), get_region()
        resources = arns_of(operation, parameters, region, account)
        if len(resources) > 1:
            _refuse_others(operation, resources[1:], principal, region)
        with ACCOUNTS.use(account, region) as simulator:
            return simulator.call(operation, parameters, principal)


def _refuse_others(operation: str, resources: list[str], principal: str, region: str) -> None:
    policies = authorisation.Policies(principal)
    for resource in resources:
        if not policies.allow(f"{SERVICE}:{operation}", resource, region, {}):
            text = f"{principal} is not authorized to perform: {SERVICE}:{operation} on resource: {resource}"
            raise ApiError("AccessDeniedException", text, HTTPStatus.FORBIDDEN)


def arns_of(operation: str, parameters: Mapping[str, Any], region: str, account: str) -> list[str]:
    """What policies are asked about; `*` alone for operations that know no resources."""
    member, kind = RESOURCES.get(operation, ("", ""))
    value = parameters.get(member)
    values = value if isinstance(value, list) else [value]
    names = [each.get("sourceServerID") if isinstance(each, dict) else each for each in values]
    arns = [f"arn:aws:drs:{region}:{account}:{kind}/{name}" if kind else str(name) for name in names if name]
    return arns or ["*"]


def _first_arn(operation: str, parameters: Mapping[str, Any], account: str, region: str) -> str:
    return arns_of(operation, parameters, region, account)[0]


def install() -> None:
    """Registers the service and starts the thread in which it goes on by itself."""
    lost = ApiError("InternalServerException", "the answer was lost", HTTPStatus.INTERNAL_SERVER_ERROR)
    SimulatedService(ModelledService(SERVICE, _Calls()), ACCOUNTS, _first_arn, lost).install()
