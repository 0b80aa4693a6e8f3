"""A plan with its servers resolved, as it is handed over at the start of an execution and frozen there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class ResolvedServer:
    """A server of a wave as DRS knows it at the start. `launch_settings`: GetLaunchConfiguration, None if not read."""

    source_server_id: str
    hostname: str = ""
    criticality: str = "CRITICAL"
    recovery_snapshot_id: str | None = None
    launch_settings: Mapping[str, Any] | None = None
    lag_seconds: int | None = None


@dataclass(frozen=True)
class ResolvedPlan:
    """`servers` maps the number of each wave (1 is the first to run) to its servers, each server in one wave."""

    plan_id: str
    version: int
    document: Mapping[str, Any]
    servers: Mapping[int, tuple[ResolvedServer, ...]]


class Catalog(Protocol):
    """Where plans are kept."""

    def resolve(self, plan_id: str) -> ResolvedPlan:
        """The plan with its servers as they are selected now.

        Raises NotFound for an unknown plan, PlanInvalid with the path of each server, group or wave that cannot be run.
        """
