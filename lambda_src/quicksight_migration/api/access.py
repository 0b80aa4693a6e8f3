"""Whose jobs a principal may see and act on: a group's permissions hold for the tenants it is limited to.

Somebody who may view all tenants and migrate for one only has both groups; what they may not see does not exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shared.api.principals import Principal
from shared.api.problems import ApiProblem, forbidden

VIEW = "view"


class Access:
    """`roles`: group → permissions. `tenants`: group → tenant ids; a group that is not in it is not limited."""

    def __init__(self, roles: Mapping[str, Iterable[str]], tenants: Mapping[str, Iterable[str]]) -> None:
        self._roles = {group: frozenset(permissions) for group, permissions in roles.items()}
        self._tenants = {group: frozenset(ids) for group, ids in tenants.items()}

    def tenants(self, principal: Principal, *permissions: str) -> frozenset[str] | None:
        """Tenants for which the principal has one of the permissions; None: all of them."""
        if principal.direct:
            return None
        granting = [
            group for group in principal.groups if self._roles.get(group, frozenset()).intersection(permissions)
        ]
        if any(group not in self._tenants for group in granting):
            return None
        return frozenset().union(*(self._tenants[group] for group in granting))

    def may(self, principal: Principal, tenant_id: str, *permissions: str) -> bool:
        """True when one of the permissions holds for the tenant."""
        allowed = self.tenants(principal, *permissions)
        return allowed is None or tenant_id in allowed

    def sees(self, principal: Principal, tenant_id: str) -> bool:
        """True for what the principal may view."""
        return self.may(principal, tenant_id, VIEW)

    def require(self, principal: Principal, tenant_id: str, missing: ApiProblem, *permissions: str) -> None:
        """Raises `missing` for what the principal does not see, and ApiProblem 403 for what they may only look at."""
        if not self.sees(principal, tenant_id):
            raise missing
        if not self.may(principal, tenant_id, *permissions):
            raise forbidden(permissions)
