"""Runners of Lambda's event source mappings: started with a mapping, ended by a change of its settings."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import lambda_svc

Key = tuple[str, str, str]
Mapping = dict[str, Any]
Start = Callable[[Mapping, Callable[[], bool]], None]
"""Starts what works for a mapping until the second argument, asked now and then, says that it is no longer current."""


@dataclass
class MappingRunners:
    """Runners of the mappings whose source's ARN contains `source`; `moving` are members that are no settings."""

    source: str
    moving: tuple[str, ...]
    start: Start
    _running: dict[Key, Mapping] = field(default_factory=dict)
    _starting: threading.Lock = field(default_factory=threading.Lock)

    def start_all(self) -> None:
        """Starts the runner of every enabled mapping that has none, or whose settings changed."""
        with self._starting:
            enabled = {
                key: mapping
                for key, mapping in list(lambda_svc._esms.all_items())
                if self.source in mapping.get("EventSourceArn", "") and mapping.get("Enabled", True)
            }
            for key in [key for key in self._running if key not in enabled]:
                del self._running[key]
            for key, mapping in enabled.items():
                settings = self._settings(mapping)
                if self._running.get(key) != settings:
                    self._running[key] = settings
                    with request_scope(key[0], key[1]):
                        self.start(mapping, self._current(key, mapping, settings))

    def _settings(self, mapping: Mapping) -> Mapping:
        """What a runner depends on: everything but the moving parts, and the identity of the record."""
        fixed = {name: value for name, value in mapping.items() if name not in self.moving}
        return {**copy.deepcopy(fixed), "record": id(mapping)}

    def _current(self, key: Key, mapping: Mapping, settings: Mapping) -> Callable[[], bool]:
        return lambda: lambda_svc._esms.get_scoped(*key) is mapping and self._running.get(key) is settings
