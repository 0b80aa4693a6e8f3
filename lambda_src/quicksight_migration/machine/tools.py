"""What actions, commands and the reconciler need from outside. Everything is handed in: Lambda, tests and rehearsals
run the same code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from quicksight_migration.records.job import Job
from quicksight_migration.records.store import Store
from quicksight_migration.settings import Settings
from shared.clock import Clock
from shared.state_machine import Machine

Publish = Callable[[Job, Mapping[str, Any]], None]


@dataclass(frozen=True)
class Tools:
    """`publish` tells people one alert of a job and raises the taxonomy's errors; `count` emits a metric."""

    store: Store
    machine: Machine[Job]
    publish: Publish
    count: Callable[[str, float], None]
    clock: Clock
    settings: Settings
