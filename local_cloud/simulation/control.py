"""What every simulator has in the control plane: its clock, its injections, its state.

`account` and `region` of the query say which simulator; the local account in its Region unless they are given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, Protocol, TypeVar

from local_cloud import settings
from local_cloud.control_plane import BadRequest, Handler, Request
from local_cloud.simulation.accounts import Accounts, Simulated
from local_cloud.simulation.state import SimulationState

_CLOCK = {"scale", "seed"}


class Controlled(Simulated, Protocol):
    """A simulator that can be set up."""

    @property
    def state(self) -> SimulationState:
        """Everything there is to know."""

    def inject(self, rule: Mapping[str, Any]) -> str:
        """Adds a rule, or does an act; returns its id."""

    def clear_injections(self) -> None:
        """No rules and no log of them."""


T = TypeVar("T", bound=Controlled)


class Control(Generic[T]):
    """Sets the simulators of a service up and looks into them; `example` is a rule, for whoever sends none."""

    def __init__(self, accounts: Accounts[T], example: str) -> None:
        self.accounts, self._example = accounts, example

    def routes(self, name: str) -> dict[tuple[str, str], Handler]:
        """The requests below `/_towpath/<name>/` and what answers them."""
        return {
            ("POST", f"{name}/clock"): self.clock,
            ("POST", f"{name}/injections"): self.inject,
            ("GET", f"{name}/injections"): self.injections,
            ("DELETE", f"{name}/injections"): self.clear,
            ("GET", f"{name}/state"): self.state,
        }

    def clock(self, request: Request) -> dict[str, Any]:
        """POST clock {"scale"?, "seed"?}: seconds of the service's work in one second; seed of accounts to come."""
        wanted = members(request, _CLOCK)
        self.accounts.set_scale(number(wanted, "scale", self.accounts.scale))
        self.accounts.seed = int(number(wanted, "seed", self.accounts.seed))
        return {"scale": self.accounts.scale, "seed": self.accounts.seed}

    def inject(self, request: Request) -> dict[str, Any]:
        """POST injections {"rules": […]}: added to those there are; answers their ids."""
        rules = body_of(request).get("rules")
        if not isinstance(rules, list):
            raise BadRequest(f'the body must be {{"rules": [{self._example}, …]}}')
        with self.accounts.use(*scope_of(request)) as simulator:
            return {"ids": [simulator.inject(rule) for rule in rules]}

    def injections(self, request: Request) -> dict[str, Any]:
        """GET injections: the rules with how often each was seen and hit, and the log of what was injected."""
        with self.accounts.use(*scope_of(request)) as simulator:
            return {"rules": simulator.state.injections, "log": simulator.state.injected}

    def clear(self, request: Request) -> dict[str, Any]:
        """DELETE injections: no rules, no log."""
        with self.accounts.use(*scope_of(request)) as simulator:
            simulator.clear_injections()
            return {}

    def state(self, request: Request) -> dict[str, Any]:
        """GET state: everything that the simulator knows."""
        with self.accounts.use(*scope_of(request)) as simulator:
            return simulator.to_json()


def scope_of(request: Request, document: Mapping[str, Any] | None = None) -> tuple[str, str]:
    """Account and Region that a request is about: those of its query, else those that a document names, else ours."""
    named = {"account": settings.ACCOUNT, "region": settings.REGION, **(document or {}), **request.query}
    return named["account"], named["region"]


def body_of(request: Request) -> dict[str, Any]:
    """The body, a JSON object. Raises BadRequest."""
    if not isinstance(request.body, dict):
        raise BadRequest("the body must be a JSON object")
    return request.body


def members(request: Request, known: set[str]) -> dict[str, Any]:
    """The body, in which only these members may be. Raises BadRequest."""
    wanted = body_of(request)
    if unknown := wanted.keys() - known:
        raise BadRequest(f"unknown {', '.join(sorted(unknown))}; there is {', '.join(sorted(known))}")
    return wanted


def number(wanted: Mapping[str, Any], name: str, default: float) -> float:
    """A member that is a number. Raises BadRequest."""
    value = wanted.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BadRequest(f"{name} must be a number, not {value!r}")
    return value
