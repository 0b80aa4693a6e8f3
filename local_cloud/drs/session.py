"""DRS of a running local cloud as its users see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_cloud.simulation.session import SimulatorSession


class DrsSession(SimulatorSession):
    """Sets DRS up and looks into it; its modes are `fidelity`, `pageSize` and `initialised`."""

    service = "drs"

    def seed(self, inventory: Mapping[str, Any]) -> list[str]:
        """Makes the account what an inventory says; returns its source servers."""
        servers: list[str] = self._post("inventory", inventory)["servers"]
        return servers
