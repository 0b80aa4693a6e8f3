"""Puts connectors into ministack's Transfer Family, which has none."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.concurrency import run_reentrant
from ministack.services import transfer

from local_cloud import policy_resources, role_trust, service_logs
from local_cloud.aws_models.errors import ApiError
from local_cloud.aws_models.message import Message
from local_cloud.aws_models.service import Checked, Function, ModelledService
from local_cloud.connectors import records, requests
from local_cloud.policy_resources import Asked
from local_cloud.symbols import PatchedSymbol

_MODULE = "ministack.services.transfer"
SYMBOLS = (
    PatchedSymbol(_MODULE, "handle_request", "79066b858b35a4d5"),
    PatchedSymbol(_MODULE, "get_state", "c20789a0267abed4"),
    PatchedSymbol(_MODULE, "load_persisted_state", "6f58d9dc1e6e4edf"),
    PatchedSymbol(_MODULE, "reset", "7b1bbee2ab8fdb91"),
    *policy_resources.SYMBOLS,
    *role_trust.SYMBOLS,
    *service_logs.SYMBOLS,
)
_FUNCTIONS: dict[str, Function] = {
    "CreateConnector": records.create,
    "DescribeConnector": records.describe,
    "UpdateConnector": records.update,
    "DeleteConnector": records.delete,
    "ListConnectors": records.list_all,
    "TestConnection": requests.test_connection,
    "StartFileTransfer": requests.start_transfer,
    "ListFileTransferResults": requests.results,
    "StartDirectoryListing": requests.start_listing,
    "StartRemoteMove": requests.start_move,
    "StartRemoteDelete": requests.start_delete,
}
_STATE = "towpath_connectors"


class _Connectors(Checked):
    """The functions above; what the model does not allow is refused in Transfer Family's words."""

    def call(self, operation: str, parameters: Mapping[str, Any], principal: str = "") -> dict[str, Any]:
        """See Implementation."""
        try:
            return super().call(operation, parameters, principal)
        except ApiError as error:
            if error.code != "ValidationException":
                raise
            raise records.invalid(error.message) from error


def install() -> None:
    """Wraps the dispatcher, the snapshot and what policies are asked about."""
    service = ModelledService("transfer", _Connectors("transfer", _FUNCTIONS))
    handle: Callable[..., Awaitable[Any]] = transfer.handle_request

    async def handle_with_connectors(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Any:
        if headers.get("x-amz-target", "").rpartition(".")[2] not in _FUNCTIONS:
            return await handle(method, path, headers, body, query)
        principal = iam_evaluator.request_caller_arn(headers, query)
        message = Message(method, path, query, headers, body)
        return await run_reentrant(service.answer, message, principal, thread_name="towpath-connectors")

    transfer.handle_request = handle_with_connectors
    _keep()
    policy_resources.name_resources(_resource_of)


def _keep() -> None:
    state, restore, reset = transfer.get_state, transfer.load_persisted_state, transfer.reset

    def state_with_connectors() -> dict[str, Any]:
        return {**state(), _STATE: records.CONNECTORS}

    def restore_with_connectors(data: dict[str, Any]) -> None:
        restore(data)
        records.CONNECTORS.update((data or {}).get(_STATE, {}))

    def reset_with_connectors() -> None:
        reset()
        records.CONNECTORS.clear()
        requests.forget()

    transfer.get_state, transfer.load_persisted_state = state_with_connectors, restore_with_connectors
    transfer.reset = reset_with_connectors


def _resource_of(asked: Asked) -> str | None:
    if asked.service != "transfer":
        return None
    try:
        connector_id = json.loads(asked.body or b"{}").get("ConnectorId")
    except (AttributeError, ValueError):
        return None
    return f"arn:aws:transfer:{asked.region}:{asked.account}:connector/{connector_id}" if connector_id else None
