"""Who asks, and what they may: from the claims of a JWT that API Gateway has checked, or from a direct invocation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.api.problems import ApiProblem, forbidden

GROUPS_CLAIM = "cognito:groups"
#: An id token has the first, an access token the second, any token the third.
NAME_CLAIMS = ("cognito:username", "username", "sub")


@dataclass(frozen=True)
class Principal:
    """`actor` is what records and timelines name. `direct`: came in over AWS credentials, not over the API.

    `names` are all actors that the bearer can be, whichever token they show: known from an id token only, else empty.
    """

    actor: str
    groups: frozenset[str]
    permissions: frozenset[str]
    direct: bool = False
    names: frozenset[str] = frozenset()

    def may(self, permission: str) -> bool:
        """True when the permission was granted."""
        return permission in self.permissions

    def require(self, *permissions: str) -> None:
        """Raises ApiProblem 403 unless one of the permissions was granted."""
        if not self.permissions.intersection(permissions):
            raise forbidden(permissions)


def from_claims(claims: Mapping[str, Any] | None, roles: Mapping[str, Iterable[str]]) -> Principal:
    """The bearer of a token. `roles`: group → permissions. Raises ApiProblem 401 where there are no claims."""
    name = _name(claims) if claims else ""
    if not claims or not name:
        raise ApiProblem(401, "UNAUTHENTICATED", "the request carries no verified token")
    groups = groups_of(claims.get(GROUPS_CLAIM))
    granted = frozenset(permission for group in groups for permission in roles.get(group, ()))
    return Principal(f"user:{name}", groups, granted, names=_names(claims))


def _name(claims: Mapping[str, Any]) -> str:
    """The e-mail address, by which people know each other; only a verified one, or somebody who may change their own
    could take another's name in the records.
    """
    if claims.get("email") and str(claims.get("email_verified")).lower() == "true":
        return str(claims["email"])
    return next((str(claims[each]) for each in NAME_CLAIMS if claims.get(each)), "")


def _names(claims: Mapping[str, Any]) -> frozenset[str]:
    """An access token does not tell the e-mail address that its bearer's id token names them by."""
    if claims.get("token_use") != "id":
        return frozenset()
    known = [_name(claims), *(str(claims[each]) for each in NAME_CLAIMS if claims.get(each))]
    return frozenset(f"user:{name}" for name in known)


def direct(name: Any, permissions: Iterable[str]) -> Principal:
    """Whoever may invoke the function; the name is what they say of themselves and only used in records."""
    text = str(name or "unknown")
    return Principal(f"aws:{text[:256]}", frozenset(), frozenset(permissions), direct=True)


def groups_of(claim: Any) -> frozenset[str]:
    """The groups in a claim: a list, `[a b]` (HTTP APIs write lists so) or `a,b` (REST APIs do)."""
    if isinstance(claim, str):
        bracketed = claim.startswith("[") and claim.endswith("]")
        claim = claim[1:-1].split() if bracketed else claim.split(",")
    if not isinstance(claim, list | tuple):
        return frozenset()
    return frozenset(str(each).strip() for each in claim if str(each).strip())
