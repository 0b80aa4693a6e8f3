"""The catalog: protection groups and recovery plans, their names, versions, and the servers they take now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from disaster_recovery.drs.api import Drs
from disaster_recovery.drs.durations import seconds_of
from disaster_recovery.errors import PermissionDenied, PlanInvalid, TowpathError
from disaster_recovery.plans.catalog_table import CatalogTable, Change, Item
from disaster_recovery.plans.plan import Account, PlanServer, parse_account, parse_plan
from disaster_recovery.plans.plan_resolution import Place, Resolution, Resolver
from disaster_recovery.plans.resolved import ResolvedPlan, ResolvedServer
from disaster_recovery.plans.server_selection import Selected
from disaster_recovery.plans.validation import account_problems, plan_problems
from shared.clock import Clock
from shared.schemas import Problem
from shared.side_by_side import side_by_side

Document = Mapping[str, Any]


class GroupInUse(TowpathError):
    """A protection group that plans name cannot be deleted; `plan_ids` are these plans."""

    def __init__(self, group_id: str, plan_ids: Sequence[str]) -> None:
        super().__init__(f"{group_id} is named by {', '.join(plan_ids)}")
        self.plan_ids = list(plan_ids)


@dataclass(frozen=True)
class StoredCatalog:
    """Groups and plans in DynamoDB. `drs` is asked per account; `home` is the system's own account and Region."""

    groups: CatalogTable
    plans: CatalogTable
    drs: Callable[[Account], Drs]
    home: Place
    probe_hosts: Sequence[str]
    clock: Clock

    # --- groups

    def create_group(self, document: Document, actor: str) -> Item:
        """Raises NameTaken."""
        return self.groups.create(_group_change(document, actor))

    def replace_group(self, group_id: str, version: int, document: Document, actor: str) -> Item:
        """Raises NotFound, StaleVersion, NameTaken."""
        return self.groups.replace(group_id, version, _group_change(document, actor))

    def delete_group(self, group_id: str, version: int) -> None:
        """Raises NotFound, StaleVersion, GroupInUse."""
        users = [plan["planId"] for plan in self.plans.all_summaries() if group_id in plan.get("groupIds", ())]
        if users:
            raise GroupInUse(group_id, users)
        self.groups.delete(group_id, version)

    # --- plans

    def create_plan(self, document: Document, actor: str) -> Item:
        """Raises PlanInvalid, NameTaken."""
        self._accept(document)
        return self.plans.create(_plan_change(document, actor))

    def replace_plan(self, plan_id: str, version: int, document: Document, actor: str) -> Item:
        """Raises NotFound, PlanInvalid, StaleVersion, NameTaken."""
        self.plans.get(plan_id)
        self._accept(document)
        return self.plans.replace(plan_id, version, _plan_change(document, actor))

    def check(self, document: Any) -> Resolution:
        """Everything that is wrong with a plan, and the servers of its waves as far as it is right."""
        found = plan_problems(document, self.clock(), self.probe_hosts)
        found = found or account_problems(document, self.home.account_id)
        if found:
            return Resolution(found)
        try:
            resolver = self._resolver(parse_account(document.get("account")))
        except PermissionDenied as error:
            return Resolution([role_refused(error)])
        return resolver.resolve(document)

    def resolve(self, plan_id: str) -> ResolvedPlan:
        """The plan with its servers as they are selected now. Raises NotFound, PlanInvalid."""
        item = self.plans.get(plan_id)
        return self.resolve_document(item["document"], plan_id, item["version"])

    def resolve_document(self, document: Document, plan_id: str = "", version: int = 0) -> ResolvedPlan:
        """As resolve, of a plan that is not stored. Raises PlanInvalid."""
        resolution = self._accept(document)
        plan = parse_plan(document)
        drs = self.drs(plan.account)
        wanted = [(wave, member) for wave in plan.waves for member in resolution.members[wave.position]]
        settings = side_by_side(lambda pair: _launch_settings(drs, pair[1].server.source_server_id), wanted)
        servers: dict[int, list[ResolvedServer]] = {wave.number: [] for wave in plan.waves}
        for (wave, member), launch_settings in zip(wanted, settings, strict=True):
            named = {server.source_server_id: server for server in wave.servers}
            given = named.get(member.server.source_server_id, PlanServer(member.server.source_server_id))
            servers[wave.number].append(_resolved(member, given, launch_settings))
        return ResolvedPlan(plan_id, version, document, {number: tuple(each) for number, each in servers.items()})

    # --- accounts

    def account(self, place: Place) -> Account | None:
        """The account that a plan or group names for this place, with its role; None when none does."""
        if place == self.home:
            return Account()
        for table in (self.plans, self.groups):
            for item in table.all_summaries():
                account = parse_account(item.get("account"))
                if self.home.of(account) == place:
                    return account
        return None

    def _accept(self, document: Document) -> Resolution:
        resolution = self.check(document)
        if resolution.problems:
            raise PlanInvalid(resolution.problems)
        return resolution

    def _resolver(self, account: Account) -> Resolver:
        return Resolver(self.drs(account), self.home.of(account), self.home, self.groups.find)


def role_refused(error: PermissionDenied) -> Problem:
    """The account's role cannot be assumed: it does not exist, or does not trust us with this external id."""
    return Problem("$.account.roleArn", str(error))


def _launch_settings(drs: Drs, source_server_id: str) -> Document | None:
    """What is set for the server; None when it cannot be read: that is no reason not to recover it."""
    try:
        return drs.launch_configuration(source_server_id)
    except TowpathError:
        return None


def _resolved(member: Selected, given: PlanServer, launch_settings: Document | None) -> ResolvedServer:
    return ResolvedServer(
        source_server_id=given.source_server_id,
        hostname=member.server.hostname,
        criticality=given.criticality,
        recovery_snapshot_id=given.recovery_snapshot_id,
        launch_settings=launch_settings,
        lag_seconds=seconds_of(member.server.lag),
    )


def _group_change(document: Document, actor: str) -> Change:
    return Change(document, _chosen(document), actor)


def _plan_change(document: Document, actor: str) -> Change:
    waves = document["waves"]
    groups = [wave["protectionGroupId"] for wave in waves if "protectionGroupId" in wave]
    return Change(document, {**_chosen(document), "waveCount": len(waves), "groupIds": groups}, actor)


def _chosen(document: Document) -> dict[str, Any]:
    """What lists show beside the name."""
    return {name: document[name] for name in ("description", "account") if name in document}
