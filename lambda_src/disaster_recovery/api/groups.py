"""Endpoints of protection groups."""

from __future__ import annotations

from typing import Any

from disaster_recovery.api import views
from disaster_recovery.api.services import Services
from disaster_recovery.drs.api import Drs
from disaster_recovery.errors import PermissionDenied, TowpathError
from disaster_recovery.plans.catalog import role_refused
from disaster_recovery.plans.plan import Account, parse_account
from disaster_recovery.plans.server_selection import Selected, foreign, select, unknown_ids
from disaster_recovery.plans.validation import PREVIEW_SCHEMA, account_problems, group_problems
from shared.api.answers import Answer, created
from shared.api.paging import page_of
from shared.api.problems import conflict, invalid
from shared.api.requests import Request
from shared.side_by_side import side_by_side

SCOPE = "protection-groups"


def list_groups(request: Request, services: Services) -> Answer:
    """By name."""
    cursor = request.query.get("cursor")
    after = services.cursors.read(SCOPE, cursor) if cursor else None
    page = services.catalog.groups.page(request.query["limit"], after)
    following = services.cursors.write(SCOPE, page.after) if page.after else None
    return Answer(page_of([views.group(item) for item in page.items], following))


def create_group(request: Request, services: Services) -> Answer:
    """Stores a group; what it takes is looked up when it is used."""
    _check(request, services)
    item = services.catalog.create_group(request.body, request.principal.actor)
    return created(views.group(item), f"/protection-groups/{item['groupId']}", item["version"])


def get_group(request: Request, services: Services) -> Answer:
    """One group."""
    return _answer(services.catalog.groups.get(request.path["groupId"]))


def replace_group(request: Request, services: Services) -> Answer:
    """The next version of a group."""
    version = request.expected_version()
    services.catalog.groups.get(request.path["groupId"])
    _check(request, services)
    actor = request.principal.actor
    return _answer(services.catalog.replace_group(request.path["groupId"], version, request.body, actor))


def delete_group(request: Request, services: Services) -> Answer:
    """Unless a plan names it."""
    services.catalog.delete_group(request.path["groupId"], request.expected_version())
    return Answer(status=204)


def preview(request: Request, services: Services) -> Answer:
    """The servers that a selection takes now."""
    found = group_problems(request.body, PREVIEW_SCHEMA)
    if found:
        raise invalid(found)
    account = services.account_of_body(request)
    servers = _drs(request, services, account).source_servers()
    selection = request.body["selection"]
    unknown = unknown_ids(selection, servers, "$.selection")
    if unknown:
        raise invalid(unknown)
    members = [views.selected(member) for member in select(selection, servers)]
    return Answer({"account": services.place(account), "servers": members, "count": len(members)})


def apply_launch_settings(request: Request, services: Services) -> Answer:
    """Sets the group's launch settings in DRS, server by server; may be repeated. An execution freezes what is set."""
    item = services.catalog.groups.get(request.path["groupId"])
    settings = item["document"].get("launchSettings")
    if not settings:
        raise conflict("NO_LAUNCH_SETTINGS", "the group has no launchSettings")
    drs = services.drs(parse_account(item["document"].get("account")))
    members = select(item["document"]["selection"], drs.source_servers())

    def apply(member: Selected) -> dict[str, Any]:
        shown = {"sourceServerId": member.server.source_server_id, "hostname": member.server.hostname}
        try:
            drs.update_launch_configuration(member.server.source_server_id, settings)
        except TowpathError as error:
            return {**shown, "applied": False, "error": str(error)}
        return {**shown, "applied": True}

    servers = side_by_side(apply, members)
    applied = sum(each["applied"] for each in servers)
    return Answer({"servers": servers, "applied": applied, "failed": len(servers) - applied})


def _check(request: Request, services: Services) -> None:
    """Raises ApiProblem 400: the document, ids that the account does not have, servers of another account."""
    found = group_problems(request.body)
    if found:
        raise invalid(found)
    account = services.account_of_body(request)
    drs = _drs(request, services, account)
    selection = request.body["selection"]
    ids = selection.get("sourceServerIds") or []
    if not ids:
        return
    servers = drs.source_servers(ids)
    found = unknown_ids(selection, servers, "$.selection")
    paths = {server_id: f"$.selection.sourceServerIds[{index}]" for index, server_id in enumerate(ids)}
    named = ((paths[server.source_server_id], server) for server in servers)
    found += foreign(named, services.home.of(account).account_id)
    if found:
        raise invalid(found)


def _drs(request: Request, services: Services, account: Account) -> Drs:
    """DRS in the body's account. Raises ApiProblem 400 where it cannot be got into."""
    found = account_problems(request.body, services.home.account_id)
    if found:
        raise invalid(found)
    try:
        return services.drs(account)
    except PermissionDenied as error:
        raise invalid([role_refused(error)]) from error


def _answer(item: dict[str, Any]) -> Answer:
    return Answer(views.group(item), version=item["version"])
