"""Tickets: what a client shows when it connects, because a browser cannot send headers with a WebSocket.

A ticket stands in a URL, which proxies and logs may keep, so it opens one connection, within a minute, and is nowhere
stored but as a hash.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.canonical import sha256_hex
from shared.clock import Clock, stamp, utc_now
from shared.conditional import put_if
from shared.dynamodb import from_item, to_item

TICKET_SECONDS = 60
#: 256 bits, as text that a URL takes as it is.
TICKET_BYTES = 32


@dataclass(frozen=True)
class Holder:
    """Who connects. `tenants` is None where no tenant is closed to them."""

    actor: str
    permissions: frozenset[str] = frozenset()
    tenants: frozenset[str] | None = None

    def may(self, permission: str) -> bool:
        """True when the permission was granted."""
        return permission in self.permissions

    def sees(self, tenant: str) -> bool:
        """True when the tenant is open to them."""
        return self.tenants is None or tenant in self.tenants

    def attributes(self) -> dict[str, Any]:
        """As it is stored; read back by `holder_of`."""
        stored: dict[str, Any] = {"actor": self.actor, "permissions": sorted(self.permissions)}
        return stored if self.tenants is None else {**stored, "tenants": sorted(self.tenants)}


def holder_of(item: Mapping[str, Any]) -> Holder:
    """The holder in a stored item."""
    tenants = item.get("tenants")
    return Holder(
        str(item["actor"]),
        frozenset(item.get("permissions", ())),
        None if tenants is None else frozenset(tenants),
    )


@dataclass(frozen=True)
class Ticket:
    """The text is shown to its holder once and kept by nobody."""

    text: str
    expires_at: datetime


@dataclass(frozen=True)
class Tickets:
    """The tickets in a live table (`LIVE_TABLE`, keys `pk` and `sk`, TTL `expiresAt`)."""

    dynamodb: Any
    table: str
    clock: Clock = utc_now
    draw: Callable[[int], str] = secrets.token_urlsafe

    def issue(self, holder: Holder) -> Ticket:
        """A ticket for one connection. Raises what botocore raises."""
        ticket = Ticket(self.draw(TICKET_BYTES), self.clock() + timedelta(seconds=TICKET_SECONDS))
        item = {
            **_key(ticket.text),
            **holder.attributes(),
            "issuedAt": stamp(self.clock()),
            "expiresAt": int(ticket.expires_at.timestamp()),
        }
        written, _ = put_if(self.dynamodb, self.table, item, "attribute_not_exists(pk)")
        if not written:
            raise RuntimeError("the random numbers of this worker repeat themselves")
        return ticket

    def redeem(self, text: str) -> Holder | None:
        """The ticket's holder, once: the ticket is deleted with the same call. None for any other ticket.

        Raises what botocore raises.
        """
        try:
            answer = self.dynamodb.delete_item(
                TableName=self.table,
                Key=to_item(_key(text)),
                ConditionExpression="attribute_exists(pk)",
                ReturnValues="ALL_OLD",
            )
        except self.dynamodb.exceptions.ConditionalCheckFailedException:
            return None
        item = from_item(answer["Attributes"])
        return holder_of(item) if int(item["expiresAt"]) > self.clock().timestamp() else None


def _key(text: str) -> dict[str, str]:
    return {"pk": f"TICKET#{sha256_hex(text)}", "sk": "TICKET"}
