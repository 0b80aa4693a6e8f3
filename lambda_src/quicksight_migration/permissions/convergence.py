"""From the permissions that an asset has to those that a plan wants. Pure.

Nothing is taken away but with `replace`, and nothing is granted that is there: converging twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quicksight_migration.planning.plan import Grant

Permissions = Mapping[str, frozenset[str]]
"""Principal → actions."""


@dataclass(frozen=True)
class Change:
    """What has to be granted and revoked; both empty when the asset is as it should be."""

    grant: Permissions
    revoke: Permissions

    def __bool__(self) -> bool:
        return bool(self.grant or self.revoke)


def wanted_of(grants: Iterable[Grant]) -> tuple[Permissions, bool]:
    """What the grants of one asset come to, and whether nobody else may keep anything."""
    wanted: dict[str, frozenset[str]] = {}
    replace = False
    for grant in grants:
        replace = replace or grant.replace
        for principal in grant.principals:
            wanted[principal] = wanted.get(principal, frozenset()) | frozenset(grant.actions)
    return wanted, replace


def change_of(current: Permissions, wanted: Permissions, replace: bool) -> Change:
    """The way from the current permissions to the wanted ones.

    Whoever lacks an action is granted all of theirs: QuickSight takes actions in the groups that make a role.
    """
    grant = {who: actions for who, actions in wanted.items() if not actions <= current.get(who, frozenset())}
    surplus = {who: actions - wanted.get(who, frozenset()) for who, actions in current.items()} if replace else {}
    return Change(grant, {who: actions for who, actions in surplus.items() if actions})


def requests_of(change: Change, most: int) -> list[dict[str, Any]]:
    """Members of Update…Permissions, call by call: everything granted before anything is revoked."""
    found = []
    for member, permissions in (("GrantPermissions", change.grant), ("RevokePermissions", change.revoke)):
        entries = [{"Principal": who, "Actions": sorted(permissions[who])} for who in sorted(permissions)]
        found += [{member: entries[start : start + most]} for start in range(0, len(entries), most)]
    return found


def by_principal(answer: Sequence[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    """Permissions as Describe…Permissions answers them."""
    found: dict[str, frozenset[str]] = {}
    for each in answer:
        found[each["Principal"]] = found.get(each["Principal"], frozenset()) | frozenset(each["Actions"])
    return found
