"""The clients of the functions: as `shared.clients.client` makes them, but leading into the virtual cloud."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_cloud.aws_models.in_process import bind
from local_cloud.aws_models.service import Implementation
from local_cloud.virtual.clients import REGION, Service, answered_by, real, watched
from local_cloud.virtual.traffic import Traffic
from shared.clients import ATTEMPTS


class ClientFactory:
    """One client for each service, number of attempts and session.

    Calls of `services` are answered from their parameters, which is fast; those of `wired` ones go through botocore's
    serialiser and its retries, as over a network.
    """

    def __init__(
        self,
        traffic: Traffic,
        services: Mapping[str, Service],
        region: str = REGION,
        wired: Mapping[str, Implementation] | None = None,
    ) -> None:
        self._traffic = traffic
        self._services = services
        self._region = region
        self._wired = wired or {}
        self._made: dict[tuple[Any, ...], Any] = {}

    def make(self, service: str, _read_timeout: int = 0, attempts: int = ATTEMPTS, **session: str) -> Any:
        """The client, as `shared.clients.client`."""
        key = (service, attempts, *sorted(session.items()))
        if key not in self._made:
            self._made[key] = self._new(service, attempts, session)
        return self._made[key]

    def service(self, name: str, _session: Mapping[str, str]) -> Service:
        """Who answers for a service: here the same for all credentials and Regions."""
        return self._services[name]

    def wired(self, name: str, _session: Mapping[str, str]) -> Implementation | None:
        """Who answers over the wire; None for services that are not wired."""
        return self._wired.get(name)

    def _new(self, name: str, attempts: int, session: Mapping[str, str]) -> Any:
        wired = self.wired(name, session)
        if wired is None:
            return answered_by(name, self.service(name, session), self._traffic, self._region)
        client = real(name, attempts, self._region)
        bind(client, wired)
        return watched(name, client, self._traffic)
