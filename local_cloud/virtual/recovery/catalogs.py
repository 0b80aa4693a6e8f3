"""Plans and protection groups in memory, resolved as the real catalog resolves them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlsplit

from disaster_recovery.drs.api import Drs
from disaster_recovery.errors import NotFound
from disaster_recovery.plans.catalog import StoredCatalog
from disaster_recovery.plans.catalog_table import CatalogTable
from disaster_recovery.plans.plan_resolution import Place
from local_cloud.virtual.clients import plain
from local_cloud.virtual.recovery.drs_account import DrsAccount

Document = Mapping[str, Any]


class Documents:
    """Documents by id, in the form of a catalog's table."""

    def __init__(self, documents: Mapping[str, Document]) -> None:
        self.documents = dict(documents)

    def find(self, identifier: str) -> dict[str, Any] | None:
        document = self.documents.get(identifier)
        return None if document is None else {"document": document, "version": 1}

    def get(self, identifier: str) -> dict[str, Any]:
        found = self.find(identifier)
        if found is None:
            raise NotFound(f"{identifier} does not exist")
        return found


class VirtualCatalog(StoredCatalog):
    """A catalog whose plans are put in by hand; their probes may call any host, for nothing is called."""

    def put_plan(self, plan_id: str, document: Document) -> None:
        cast(Documents, self.plans).documents[plan_id] = document
        cast("list[str]", self.probe_hosts).extend(_hosts(document))


def catalog_of(
    account: DrsAccount, inventory: Document, groups: Mapping[str, Document], clock: Callable[[], datetime]
) -> VirtualCatalog:
    """The catalog of an account; `groups` are documents of protection groups by id."""
    place = Place(inventory.get("account", "123456789012"), inventory.get("region", "eu-west-1"))
    client = plain("drs", account)
    return VirtualCatalog(
        groups=cast(CatalogTable, Documents(groups)),
        plans=cast(CatalogTable, Documents({})),
        drs=lambda _account: Drs(client, client),
        home=place,
        probe_hosts=[],
        clock=clock,
    )


def _hosts(document: Document) -> Iterator[str]:
    for wave in document.get("waves", []):
        for action in (*wave.get("preActions", []), *wave.get("postActions", [])):
            host = urlsplit(str(action.get("url", ""))).hostname
            if host:
                yield host
