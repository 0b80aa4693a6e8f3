"""Endpoints of configured accounts, and of the tickets that open live updates."""

from __future__ import annotations

from quicksight_migration.accounts.facts import BiAccount
from quicksight_migration.api import views
from quicksight_migration.api.services import Services
from shared.api.access import VIEW
from shared.api.answers import Answer
from shared.api.paging import page_of
from shared.api.problems import ApiProblem
from shared.api.requests import Request
from shared.clock import stamp
from shared.live.tickets import Holder

SOURCE, TARGET = "SOURCE", "TARGET"


def list_accounts(request: Request, services: Services) -> Answer:
    """Sources, then targets, each by id; those of other tenants are left out."""
    settings = services.settings

    def sees(account: BiAccount) -> bool:
        return not account.tenant_id or services.access.sees(request.principal, account.tenant_id)

    found = [
        views.account(side, account)
        for side, accounts in ((SOURCE, settings.source_accounts), (TARGET, settings.target_accounts))
        for _, account in sorted(accounts.items())
        if sees(account)
    ]
    return Answer(page_of(found))


def create_ticket(request: Request, services: Services) -> Answer:
    """A ticket for whoever asks; it opens one connection and says whose it is."""
    if not services.settings.live_url:
        raise ApiProblem(409, "NO_LIVE_UPDATES", "this system has no live updates: read the job again instead")
    principal = request.principal
    holder = Holder(principal.actor, principal.permissions, services.access.owners(principal, VIEW))
    ticket = services.tickets.issue(holder)
    shown = {"ticket": ticket.text, "url": services.settings.live_url, "expiresAt": stamp(ticket.expires_at)}
    return Answer(shown, 201)
