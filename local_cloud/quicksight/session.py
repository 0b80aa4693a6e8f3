"""QuickSight of a running local cloud as its users see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_cloud.simulation.session import SimulatorSession


class QuickSightSession(SimulatorSession):
    """Sets QuickSight up and looks into it; its modes are `edition` and `pageSize`."""

    service = "quicksight"

    def seed(self, document: Mapping[str, Any]) -> list[str]:
        """Makes the account what a document says; returns the ARNs of its assets."""
        assets: list[str] = self._post("account", document)["assets"]
        return assets
