"""The simulators of a running local cloud as their users see them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

Control = Callable[[str, str, Mapping[str, Any] | None], Any]
"""Method, path below the control plane, body → answer."""


class SimulatorSession:
    """One service's simulator of one account and Region; without them, of the local account in its Region."""

    service = ""

    def __init__(self, control: Control, account: str | None = None, region: str | None = None) -> None:
        self._control = control
        self._scope = {name: value for name, value in (("account", account), ("region", region)) if value}

    def clock(self, scale: float) -> None:
        """How many seconds of the service's work pass in one second."""
        self._post("clock", {"scale": scale})

    def mode(self, **wanted: Any) -> dict[str, Any]:
        """Sets some of the simulator's modes; returns all."""
        found: dict[str, Any] = self._post("mode", wanted)
        return found

    def inject(self, *rules: Mapping[str, Any]) -> list[str]:
        """Adds injections (docs/local-cloud.md has their form); returns their ids."""
        ids: list[str] = self._post("injections", {"rules": list(rules)})["ids"]
        return ids

    def injections(self) -> dict[str, Any]:
        """The rules in force and the log of what was injected."""
        found: dict[str, Any] = self._get("injections")
        return found

    def clear(self) -> None:
        """No injections any more."""
        self._delete("injections")

    def state(self) -> dict[str, Any]:
        """Everything that the simulator knows."""
        found: dict[str, Any] = self._get("state")
        return found

    def _get(self, what: str) -> Any:
        return self._ask("GET", what, None)

    def _post(self, what: str, body: Mapping[str, Any]) -> Any:
        return self._ask("POST", what, body)

    def _delete(self, what: str) -> Any:
        return self._ask("DELETE", what, None)

    def _ask(self, method: str, what: str, body: Mapping[str, Any] | None) -> Any:
        query = f"?{urlencode(self._scope)}" if self._scope else ""
        return self._control(method, f"{self.service}/{what}{query}", body)
