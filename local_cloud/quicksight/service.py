"""QuickSight as a service of the local cloud."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ministack.core.responses import get_account_id, get_region

from local_cloud import aws_client
from local_cloud.aws_models import authorisation, registration
from local_cloud.aws_models.service import ModelledService
from local_cloud.control_plane import PREFIX
from local_cloud.quicksight import authorisation as own
from local_cloud.quicksight.documents import SERVICE
from local_cloud.quicksight.errors import refusal
from local_cloud.quicksight.resources import arn_asked_about
from local_cloud.quicksight.simulator import Simulator
from local_cloud.simulation.accounts import Accounts
from local_cloud.simulation.clock import SystemClock
from local_cloud.simulation.service import SimulatedService

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


def install() -> None:
    """Registers the service and starts the thread in which it goes on by itself."""
    lost = refusal("InternalFailureException", "the answer was lost")
    SimulatedService(ModelledService(SERVICE, _Calls()), ACCOUNTS, arn_asked_about, lost).install()
