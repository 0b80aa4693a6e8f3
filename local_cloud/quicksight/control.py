"""The simulator's part of the control plane: `/_towpath/quicksight/…`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from local_cloud.control_plane import Content, Handler, Request
from local_cloud.quicksight.bundle import DownloadRefused
from local_cloud.quicksight.seeds import check
from local_cloud.quicksight.simulator import Simulator
from local_cloud.simulation import control
from local_cloud.simulation.accounts import Accounts
from local_cloud.simulation.control import body_of, members, number, scope_of

_MODE = {"edition", "pageSize"}


def routes(accounts: Accounts[Simulator]) -> dict[tuple[str, str], Handler]:
    """The requests and what answers them."""
    control = Control(accounts, '{"operation", "asset", "job", "phase", "nth", "action"}')
    return {
        ("POST", "quicksight/account"): control.seed,
        ("POST", "quicksight/mode"): control.mode,
        ("GET", "quicksight/bundle"): control.bundle,
        **control.routes("quicksight"),
    }


class Control(control.Control[Simulator]):
    """Sets the simulators up and looks into them."""

    def seed(self, request: Request) -> dict[str, Any]:
        """POST quicksight/account: `schemas/quicksight-account.schema.json`; replaces all there was.

        A document names its own account and Region, the query's come first.
        """
        document = body_of(request)
        check(document)
        account, region = scope_of(request, document)
        with self.accounts.use(account, region) as simulator:
            return {"account": account, "region": region, "assets": simulator.seed(document)}

    def mode(self, request: Request) -> dict[str, Any]:
        """POST quicksight/mode {"edition"?, "pageSize"?} of one account; pageSize 0 is no limit."""
        wanted = members(request, _MODE)
        size = int(number(wanted, "pageSize", 0)) if "pageSize" in wanted else None
        with self.accounts.use(*scope_of(request)) as simulator:
            simulator.configure(edition=wanted.get("edition"), page_size=size)
            return {"edition": simulator.state.edition, "pageSize": simulator.state.page_size or 0}

    def bundle(self, request: Request) -> Content:
        """GET quicksight/bundle: what a DownloadUrl leads to, refused as S3 does."""
        with self.accounts.use(*scope_of(request)) as simulator:
            try:
                file = simulator.download(f"{simulator.links}?{urlencode(request.query)}")
            except DownloadRefused as refused:
                error = f"<Code>{escape(refused.code)}</Code><Message>{escape(refused.message)}</Message>"
                return Content(refused.status, "application/xml", f"<Error>{error}</Error>".encode())
        return Content(200, "application/zip", file)
