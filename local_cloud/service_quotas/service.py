"""Service Quotas as a service of the local cloud."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region

from local_cloud.aws_models import registration
from local_cloud.aws_models.message import Answer, Message
from local_cloud.aws_models.service import ModelledService
from local_cloud.drs.service import ACCOUNTS
from local_cloud.service_quotas.quotas import SERVICE, ServiceQuotas

SYMBOLS = registration.SYMBOLS


def _values() -> tuple[str, str, Mapping[str, int]]:
    account, region = get_account_id(), get_region()
    with ACCOUNTS.use(account, region) as simulator:
        return account, region, dict(simulator.state.quotas)


_MODELLED = ModelledService(SERVICE, ServiceQuotas(_values))


class ServiceQuotasService:
    """What ministack's tables want of a service. The values are the simulators', so there is nothing to keep."""

    async def handle_request(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, list[str]]
    ) -> Answer:
        """One request in the context of its account and Region."""
        return _MODELLED.answer(Message(method, path, query_params, headers, body), iam_evaluator.caller_arn())

    def reset(self) -> None:
        """Nothing to forget."""

    def get_state(self) -> dict[str, Any]:
        """Nothing to keep."""
        return {}

    def load_persisted_state(self, data: dict[str, Any]) -> None:
        """Nothing to continue with."""


def install() -> None:
    """Registers the service."""
    registration.register(_MODELLED, ServiceQuotasService())
