"""A simulated service in ministack's tables: its requests, its state in snapshots, the thread in which it goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ministack.core import iam_evaluator

from local_cloud import aws_client
from local_cloud.aws_models import registration
from local_cloud.aws_models.errors import ApiError, LostResponse
from local_cloud.aws_models.message import Answer, Message
from local_cloud.aws_models.service import ModelledService
from local_cloud.simulation.accounts import Accounts

ArnOf = Callable[[str, Mapping[str, Any], str, str], str]
"""Operation, parameters, account and Region → the ARN that policies are asked about first."""


class SimulatedService:
    """What ministack's tables want of a service. `lost` is what a caller gets whose answer was lost."""

    def __init__(self, modelled: ModelledService, accounts: Accounts[Any], arn_of: ArnOf, lost: ApiError) -> None:
        self._modelled, self._accounts, self._arn_of, self._lost = modelled, accounts, arn_of, lost

    async def handle_request(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, list[str]]
    ) -> Answer:
        """One request in the context of its account, Region and caller."""
        try:
            return self._modelled.answer(Message(method, path, query_params, headers, body), iam_evaluator.caller_arn())
        except LostResponse:
            return self._modelled.refuse(self._lost)

    def reset(self) -> None:
        """Forgets everything."""
        self._accounts.reset()

    def get_state(self) -> dict[str, Any]:
        """What a snapshot keeps."""
        return self._accounts.to_json()

    def load_persisted_state(self, data: dict[str, Any]) -> None:
        """Continues with a snapshot."""
        self._accounts.load_json(data)

    def install(self) -> None:
        """Registers the service and starts the thread in which it goes on by itself."""
        registration.register(self._modelled, self, self._resource_arn)
        aws_client.spawn(self._accounts.run)

    def _resource_arn(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query: Mapping[str, list[str]],
        region: str,
        account: str,
    ) -> str:
        """What the request is about, for ministack's own check and for the record of calls."""
        try:
            operation, parameters = self._modelled.read(Message(method, path, dict(query), dict(headers), body))
        except ApiError:
            return "*"
        return self._arn_of(operation, parameters, account, region)
