"""Whose things a principal may see and act on: a group's permissions hold for the owners (tenants, customers) it is
limited to.

Somebody who may view everything and act for one owner only has both groups; what they may not see does not exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shared.api.principals import Principal
from shared.api.problems import ApiProblem, forbidden

VIEW = "view"


class Access:
    """`roles`: group → permissions. `owners`: group → ids of owners; a group that is not in it is not limited."""

    def __init__(self, roles: Mapping[str, Iterable[str]], owners: Mapping[str, Iterable[str]]) -> None:
        self._roles = {group: frozenset(permissions) for group, permissions in roles.items()}
        self._owners = {group: frozenset(ids) for group, ids in owners.items()}

    def owners(self, principal: Principal, *permissions: str) -> frozenset[str] | None:
        """Owners for whose things the principal has one of the permissions; None: all of them."""
        if principal.direct:
            return None
        granting = [
            group for group in principal.groups if self._roles.get(group, frozenset()).intersection(permissions)
        ]
        if any(group not in self._owners for group in granting):
            return None
        return frozenset().union(*(self._owners[group] for group in granting))

    def may(self, principal: Principal, owner: str, *permissions: str) -> bool:
        """True when one of the permissions holds for the owner's things."""
        allowed = self.owners(principal, *permissions)
        return allowed is None or owner in allowed

    def sees(self, principal: Principal, owner: str) -> bool:
        """True for what the principal may view."""
        return self.may(principal, owner, VIEW)

    def require(self, principal: Principal, owner: str, missing: ApiProblem, *permissions: str) -> None:
        """Raises `missing` for what the principal does not see, and ApiProblem 403 for what they may only look at."""
        if not self.sees(principal, owner):
            raise missing
        if not self.may(principal, owner, *permissions):
            raise forbidden(permissions)
