"""The simulator's part of the control plane: `/_towpath/drs/…`."""

from __future__ import annotations

from typing import Any

from local_cloud.control_plane import Handler, Request
from local_cloud.drs.accounts import Accounts
from local_cloud.drs.inventory import check
from local_cloud.drs.simulator import Simulator
from local_cloud.simulation import control
from local_cloud.simulation.control import body_of, members, number, scope_of

_MODE = {"fidelity", "pageSize", "initialised"}


def routes(accounts: Accounts) -> dict[tuple[str, str], Handler]:
    """The requests and what answers them."""
    control = Control(accounts, '{"operation", "server", "phase", "nth", "action"}')
    return {
        ("POST", "drs/inventory"): control.seed,
        ("POST", "drs/mode"): control.mode,
        **control.routes("drs"),
    }


class Control(control.Control[Simulator]):
    """Sets the simulators up and looks into them."""

    def seed(self, request: Request) -> dict[str, Any]:
        """POST drs/inventory: what is protected, `schemas/drs-inventory.schema.json`; replaces all there was.

        An inventory names its own account and Region, the query's come first.
        """
        document = body_of(request)
        check(document)
        account, region = scope_of(request, document)
        with self.accounts.use(account, region) as simulator:
            return {"account": account, "region": region, "servers": simulator.seed(document)}

    def mode(self, request: Request) -> dict[str, Any]:
        """POST drs/mode {"fidelity"?, "pageSize"?, "initialised"?} of one account; pageSize 0 is no limit."""
        wanted = members(request, _MODE)
        size = int(number(wanted, "pageSize", 0)) if "pageSize" in wanted else None
        with self.accounts.use(*scope_of(request)) as simulator:
            simulator.configure(fidelity=wanted.get("fidelity"), page_size=size)
            simulator.state.initialised = bool(wanted.get("initialised", simulator.state.initialised))
            state = simulator.state
            return {"fidelity": state.fidelity, "pageSize": state.page_size or 0, "initialised": state.initialised}
