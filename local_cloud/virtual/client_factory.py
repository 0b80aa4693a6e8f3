"""The clients of the functions: as `shared.clients.client` makes them, but leading into the virtual cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local_cloud.aws_models.in_process import bind
from local_cloud.virtual.clients import Service, answered_by, real, watched
from local_cloud.virtual.services import FunctionsApi, QueueApi, RolesApi
from shared.clients import ATTEMPTS

if TYPE_CHECKING:
    from local_cloud.virtual.recovery import VirtualRecovery


class ClientFactory:
    """One client for each service and number of attempts.

    Calls of DRS are answered from their parameters, which is fast; `wire` sends them through botocore's serialiser and
    its retries, as over a network.
    """

    def __init__(self, cloud: VirtualRecovery, *, wire: bool = False) -> None:
        self._cloud = cloud
        self._wire = wire
        self._made: dict[tuple[str, int], Any] = {}
        self._services: dict[str, Service] = {
            "drs": cloud.account,
            "service-quotas": cloud.quotas,
            "stepfunctions": cloud.machine,
            "lambda": FunctionsApi(cloud.functions),
            "sqs": QueueApi(cloud.queue),
            "sns": cloud.topic,
            "sts": RolesApi(cloud.kernel),
        }

    def make(self, service: str, _read_timeout: int = 0, attempts: int = ATTEMPTS, **_session: str) -> Any:
        """The client. All accounts and Regions lead to the one account of the cloud."""
        key = (service, attempts)
        if key not in self._made:
            self._made[key] = self._new(service, attempts)
        return self._made[key]

    def _new(self, service: str, attempts: int) -> Any:
        region = self._cloud.account.simulator.state.region  # locks and events name servers with it
        if not (self._wire and service == "drs"):
            return answered_by(service, self._services[service], self._cloud.traffic, region)
        client = real(service, attempts, region)
        bind(client, self._cloud.account)
        return watched(service, client, self._cloud.traffic)
