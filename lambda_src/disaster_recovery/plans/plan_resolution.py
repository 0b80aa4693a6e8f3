"""Which servers a plan takes now, and everything that is wrong with it in the account it is for.

Asked when a plan is stored and again when an execution starts, so that nothing is started that cannot be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from disaster_recovery.drs.api import Drs
from disaster_recovery.plans.plan import Account
from disaster_recovery.plans.server_selection import Selected, foreign, select, unknown_ids
from shared.schemas import Problem
from shared.side_by_side import side_by_side

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """An account and Region."""

    account_id: str
    region: str

    def of(self, account: Account) -> Place:
        """Where an account of a plan is; empty fields mean here."""
        return Place(account.account_id or self.account_id, account.region or self.region)


@dataclass(frozen=True)
class Resolution:
    """`members`: position of each wave in the document → its servers. Complete only without problems."""

    problems: list[Problem] = field(default_factory=list)
    members: dict[int, list[Selected]] = field(default_factory=dict)


@dataclass(frozen=True)
class Resolver:
    """`find_group` gives a stored group or None; `drs` and `place` are those of the plan's account."""

    drs: Drs
    place: Place
    home: Place
    find_group: Callable[[str], Document | None]

    def resolve(self, document: Document) -> Resolution:
        """Looks up the servers of a plan that validation has passed. Raises what the reads of DRS raise."""
        resolution = Resolution()
        groups = dict(self._groups(document, resolution.problems))
        known = {server.source_server_id: server for server in self._servers(document, groups.values())}
        seen: dict[str, str] = {}
        for position, wave in enumerate(document["waves"]):
            path = f"$.waves[{position}]"
            if position in groups:
                path = f"{path}.protectionGroupId"
                selection = groups[position]["document"]["selection"]
                found = [(path, member) for member in select(selection, known.values())]
                missing = unknown_ids(selection, known.values(), "$.selection")
                resolution.problems.extend(Problem(path, f"of the group, {each.message}") for each in missing)
                if not found and not missing:
                    resolution.problems.append(Problem(path, "the group takes no server at the moment"))
            else:
                found = list(_named(wave.get("servers") or (), path, known, resolution.problems))
            resolution.members[position] = [member for _, member in found]
            resolution.problems.extend(_twice(found, seen))
            resolution.problems.extend(foreign(((at, each.server) for at, each in found), self.place.account_id))
        resolution.problems.extend(self._snapshots(document, known))
        return resolution

    def _groups(self, document: Document, problems: list[Problem]) -> Iterator[tuple[int, Document]]:
        """Position of a wave → the group it names, for groups that exist in the plan's account."""
        for position, wave in enumerate(document["waves"]):
            group_id = wave.get("protectionGroupId")
            if not group_id:
                continue
            group = self.find_group(group_id)
            path = f"$.waves[{position}].protectionGroupId"
            if group is None:
                problems.append(Problem(path, f"there is no protection group {group_id}"))
                continue
            account = group["document"].get("account") or {}
            place = self.home.of(Account(account.get("accountId", ""), account.get("region", "")))
            if place != self.place:
                where = f"{place.account_id} in {place.region}, the plan to {self.place.account_id}"
                problems.append(Problem(path, f"the group belongs to {where} in {self.place.region}"))
                continue
            yield position, group

    def _servers(self, document: Document, groups: Iterable[Document]) -> list[Any]:
        selections = [group["document"]["selection"] for group in groups]
        if any(selection.get("tags") for selection in selections):
            return self.drs.source_servers()
        ids = {server_id for selection in selections for server_id in selection.get("sourceServerIds") or ()}
        ids |= {server["sourceServerId"] for wave in document["waves"] for server in wave.get("servers") or ()}
        return self.drs.source_servers(ids) if ids else []

    def _snapshots(self, document: Document, known: Mapping[str, Any]) -> Iterator[Problem]:
        """Points in time that are named and do not exist (any more)."""
        named = [
            (f"$.waves[{position}].servers[{index}].recoverySnapshotId", server)
            for position, wave in enumerate(document["waves"])
            for index, server in enumerate(wave.get("servers") or ())
            if server.get("recoverySnapshotId") and server["sourceServerId"] in known
        ]
        exists = side_by_side(lambda pair: self._has_snapshot(pair[1]), named)
        for (path, server), there in zip(named, exists, strict=True):
            if not there:
                what = f"{server['recoverySnapshotId']} is not a point in time of {server['sourceServerId']}"
                yield Problem(path, what)

    def _has_snapshot(self, server: Document) -> bool:
        snapshots = self.drs.snapshots(server["sourceServerId"])
        return any(snapshot.snapshot_id == server["recoverySnapshotId"] for snapshot in snapshots)


def _named(
    servers: Sequence[Document], path: str, known: Mapping[str, Any], problems: list[Problem]
) -> Iterator[tuple[str, Selected]]:
    for index, server in enumerate(servers):
        at, server_id = f"{path}.servers[{index}].sourceServerId", server["sourceServerId"]
        if server_id in known:
            yield at, Selected(known[server_id], ("ID",))
        else:
            problems.append(Problem(at, f"{server_id} is not a source server of the account"))


def _twice(found: Iterable[tuple[str, Selected]], seen: dict[str, str]) -> Iterator[Problem]:
    """Servers that a wave before has already; `seen` grows."""
    for path, member in found:
        server_id = member.server.source_server_id
        if seen.setdefault(server_id, path) != path:
            yield Problem(path, f"{server_id} is in the plan already, at {seen[server_id]}")
