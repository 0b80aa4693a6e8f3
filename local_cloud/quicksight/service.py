"""QuickSight as a service of the local cloud."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region

from local_cloud import aws_client
from local_cloud.aws_models import authorisation, registration
from local_cloud.aws_models.errors import ApiError, LostResponse
from local_cloud.aws_models.message import Answer, Message
from local_cloud.aws_models.service import ModelledService
from local_cloud.control_plane import PREFIX
from local_cloud.quicksight import authorisation as own
from local_cloud.quicksight.documents import SERVICE
from local_cloud.quicksight.errors import refusal
from local_cloud.quicksight.resources import arn_asked_about
from local_cloud.quicksight.simulator import Simulator
from local_cloud.simulation.accounts import Accounts
from local_cloud.simulation.clock import SystemClock

SYMBOLS = (*registration.SYMBOLS, *authorisation.SYMBOLS, *own.SYMBOLS)
DEFAULT_SCALE = 20.0
_CLOCK = SystemClock()


def _new(account: str, region: str, seed: int) -> Simulator:
    return Simulator(
        _CLOCK,
        seed,
        account=account,
        region=region,
        objects=partial(own.read_object, region=region),
        authorise=own.authorise_in(region),
        links=f"{aws_client.endpoint_url()}{PREFIX}quicksight/bundle",
    )


ACCOUNTS = Accounts(_new, _CLOCK, DEFAULT_SCALE)


class _Calls:
    """The simulator of the account and Region that the request is for."""

    def call(self, operation: str, parameters: Mapping[str, Any], principal: str = "") -> dict[str, Any]:
        """See Simulator.call."""
        with ACCOUNTS.use(get_account_id(), get_region()) as simulator:
            return simulator.call(operation, parameters, principal)


_MODELLED = ModelledService(SERVICE, _Calls())


def resource_arn(
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
        operation, parameters = _MODELLED.read(Message(method, path, dict(query), dict(headers), body))
    except ApiError:
        return "*"
    return arn_asked_about(operation, parameters, account, region)


class QuickSightService:
    """What ministack's tables want of a service."""

    async def handle_request(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, list[str]]
    ) -> Answer:
        """One request in the context of its account, Region and caller."""
        try:
            return _MODELLED.answer(Message(method, path, query_params, headers, body), iam_evaluator.caller_arn())
        except LostResponse:
            return _MODELLED.refuse(refusal("InternalFailureException", "the answer was lost"))

    def reset(self) -> None:
        """Forgets everything."""
        ACCOUNTS.reset()

    def get_state(self) -> dict[str, Any]:
        """What a snapshot keeps."""
        return ACCOUNTS.to_json()

    def load_persisted_state(self, data: dict[str, Any]) -> None:
        """Continues with a snapshot."""
        ACCOUNTS.load_json(data)


def install() -> None:
    """Registers the service and starts the thread in which it goes on by itself."""
    registration.register(_MODELLED, QuickSightService(), resource_arn)
    aws_client.spawn(ACCOUNTS.run)
