"""The simulator of a running local cloud as its users see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

Control = Callable[[str, str, Mapping[str, Any] | None], Any]
"""Method, path below the control plane, body → answer."""


class DrsSession:
    """Sets DRS of one account and Region up and looks into it; without them, of the local account in its Region."""

    def __init__(self, control: Control, account: str | None = None, region: str | None = None) -> None:
        self._control = control
        self._scope = {name: value for name, value in (("account", account), ("region", region)) if value}

    def seed(self, inventory: Mapping[str, Any]) -> list[str]:
        """Makes the account what an inventory says; returns its source servers."""
        servers: list[str] = self._ask("POST", "drs/inventory", inventory)["servers"]
        return servers

    def clock(self, scale: float) -> None:
        """How many seconds of DRS's work pass in one second."""
        self._ask("POST", "drs/clock", {"scale": scale})

    def mode(self, **wanted: Any) -> dict[str, Any]:
        """Sets `fidelity`, `pageSize`, `initialised`; returns all three."""
        found: dict[str, Any] = self._ask("POST", "drs/mode", wanted)
        return found

    def inject(self, *rules: Mapping[str, Any]) -> list[str]:
        """Adds injections (docs/local-cloud.md has their form); returns their ids."""
        ids: list[str] = self._ask("POST", "drs/injections", {"rules": list(rules)})["ids"]
        return ids

    def injections(self) -> dict[str, Any]:
        """The rules in force and the log of what was injected."""
        found: dict[str, Any] = self._ask("GET", "drs/injections")
        return found

    def clear(self) -> None:
        """No injections any more."""
        self._ask("DELETE", "drs/injections")

    def state(self) -> dict[str, Any]:
        """Everything that the simulator knows."""
        found: dict[str, Any] = self._ask("GET", "drs/state")
        return found

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        query = f"?{urlencode(self._scope)}" if self._scope else ""
        return self._control(method, f"{path}{query}", body)
