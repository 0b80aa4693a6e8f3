"""The simulator's part of the control plane: `/_towpath/drs/…`.

`account` and `region` of the query say which simulator; the local account in its Region unless they are given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_cloud import settings
from local_cloud.control_plane import BadRequest, Handler, Request
from local_cloud.drs.accounts import Accounts
from local_cloud.drs.inventory import check

_CLOCK = {"scale", "seed"}
_MODE = {"fidelity", "pageSize", "initialised"}


def routes(accounts: Accounts) -> dict[tuple[str, str], Handler]:
    """The requests and what answers them."""
    control = Control(accounts)
    return {
        ("POST", "drs/inventory"): control.seed,
        ("POST", "drs/clock"): control.clock,
        ("POST", "drs/mode"): control.mode,
        ("POST", "drs/injections"): control.inject,
        ("GET", "drs/injections"): control.injections,
        ("DELETE", "drs/injections"): control.clear,
        ("GET", "drs/state"): control.state,
    }


class Control:
    """Sets the simulators up and looks into them."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def seed(self, request: Request) -> dict[str, Any]:
        """POST drs/inventory: what is protected, `schemas/drs-inventory.schema.json`; replaces all there was.

        An inventory names its own account and Region, the query's come first.
        """
        document = _object(request)
        check(document)
        account = request.query.get("account", document.get("account", settings.ACCOUNT))
        region = request.query.get("region", document.get("region", settings.REGION))
        with self._accounts.use(account, region) as simulator:
            return {"account": account, "region": region, "servers": simulator.seed(document)}

    def clock(self, request: Request) -> dict[str, Any]:
        """POST drs/clock {"scale"?, "seed"?}: seconds of DRS's work in one second; seed of accounts to come."""
        wanted = _members(request, _CLOCK)
        self._accounts.set_scale(_number(wanted, "scale", self._accounts.scale))
        self._accounts.seed = int(_number(wanted, "seed", self._accounts.seed))
        return {"scale": self._accounts.scale, "seed": self._accounts.seed}

    def mode(self, request: Request) -> dict[str, Any]:
        """POST drs/mode {"fidelity"?, "pageSize"?, "initialised"?} of one account; pageSize 0 is no limit."""
        wanted = _members(request, _MODE)
        size = int(_number(wanted, "pageSize", 0)) if "pageSize" in wanted else None
        with self._accounts.use(*_scope(request)) as simulator:
            simulator.configure(fidelity=wanted.get("fidelity"), page_size=size)
            simulator.state.initialised = bool(wanted.get("initialised", simulator.state.initialised))
            state = simulator.state
            return {"fidelity": state.fidelity, "pageSize": state.page_size or 0, "initialised": state.initialised}

    def inject(self, request: Request) -> dict[str, Any]:
        """POST drs/injections {"rules": […]}: added to those there are; answers their ids."""
        rules = _object(request).get("rules")
        if not isinstance(rules, list):
            raise BadRequest('the body must be {"rules": [{"operation", "server", "phase", "nth", "action"}, …]}')
        with self._accounts.use(*_scope(request)) as simulator:
            return {"ids": [simulator.inject(rule) for rule in rules]}

    def injections(self, request: Request) -> dict[str, Any]:
        """GET drs/injections: the rules with how often each was seen and hit, and the log of what was injected."""
        with self._accounts.use(*_scope(request)) as simulator:
            return {"rules": simulator.state.injections, "log": simulator.state.injected}

    def clear(self, request: Request) -> dict[str, Any]:
        """DELETE drs/injections: no rules, no log."""
        with self._accounts.use(*_scope(request)) as simulator:
            simulator.clear_injections()
            return {}

    def state(self, request: Request) -> dict[str, Any]:
        """GET drs/state: everything that the simulator knows."""
        with self._accounts.use(*_scope(request)) as simulator:
            return simulator.to_json()


def _scope(request: Request) -> tuple[str, str]:
    return request.query.get("account", settings.ACCOUNT), request.query.get("region", settings.REGION)


def _object(request: Request) -> dict[str, Any]:
    if not isinstance(request.body, dict):
        raise BadRequest("the body must be a JSON object")
    return request.body


def _members(request: Request, known: set[str]) -> dict[str, Any]:
    wanted = _object(request)
    if unknown := wanted.keys() - known:
        raise BadRequest(f"unknown {', '.join(sorted(unknown))}; there is {', '.join(sorted(known))}")
    return wanted


def _number(wanted: Mapping[str, Any], name: str, default: float) -> float:
    value = wanted.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BadRequest(f"{name} must be a number, not {value!r}")
    return value
