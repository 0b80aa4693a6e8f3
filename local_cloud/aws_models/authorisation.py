"""Asking the local IAM whether a principal may do something, outside of a request of that principal.

A service that acts with its caller's permissions goes on after the call, when only the principal's ARN is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.core import iam_evaluator
from ministack.services import iam

from local_cloud import permissions
from local_cloud.symbols import PatchedSymbol

_MODULE = "ministack.core.iam_evaluator"
SYMBOLS = (
    PatchedSymbol(_MODULE, "evaluate", "2a5dd6932d1aca6a"),
    PatchedSymbol(_MODULE, "EvalContext", "f5769904b3fa1d4e"),
    PatchedSymbol(_MODULE, "combine_resource_policy", "3972f81213f8b84b"),
    PatchedSymbol(_MODULE, "_resource_policy", "dec265f9a9030695"),
    PatchedSymbol(_MODULE, "_gather_role_policies", "d83d1661b86595ac"),
    PatchedSymbol(_MODULE, "_gather_user_policies", "caba65a1aef75715"),
    PatchedSymbol(_MODULE, "_permissions_boundary", "55c125bd0cf5cfe7"),
)


class Policies:
    """The identity policies of one principal as they are now: a role or a session of one, a user, or the root."""

    def __init__(self, principal: str) -> None:
        self._principal, self._account = principal, principal.split(":")[4]
        self._kind, _, name = principal.split(":", 5)[5].partition("/")
        # A session's ARN goes on after the role's name, a role's or user's may have a path before it.
        self._name = name.split("/")[0] if self._kind == "assumed-role" else name.rpartition("/")[2]
        user = self._kind == "user"
        gather = iam_evaluator._gather_user_policies if user else iam_evaluator._gather_role_policies
        self._policies = [] if self._kind == "root" else gather(self._name, self._account)
        store = iam._users if user else iam._roles
        self._limits = iam_evaluator._permissions_boundary(store, self._name, self._account)

    def allow(
        self, action: str, resource: str, region: str, keys: Mapping[str, Any], *, with_policy_of: str = ""
    ) -> bool:
        """Whether they allow an action on a resource with these condition keys; the question is recorded.

        `with_policy_of` names a service, such as s3, whose resources have policies too: the resource's counts as well,
        in the account of the current request.
        """
        if self._kind == "root":
            return True
        context = iam_evaluator.EvalContext(
            principal_arn=self._principal,
            principal_type="User" if self._kind == "user" else "AssumedRole",
            principal_account=self._account,
            action=action,
            resource_arn=resource,
            region=region,
            # A service asks for itself; what is on loopback counts as TLS anyway (local_cloud.secure_transport).
            secure_transport=True,
            service_context={key.lower(): value for key, value in keys.items()},
        )
        result = iam_evaluator.evaluate(context, self._policies, *self._limits)
        found = iam_evaluator._resource_policy(with_policy_of, resource) if with_policy_of else None
        if found is not None:
            required = with_policy_of in iam_evaluator._POLICY_REQUIRED
            result = iam_evaluator.combine_resource_policy(
                result, context, *found, required=required, limits=self._limits
            )
        allowed = result.decision == "Allow"
        permissions.note(self._principal, action, resource, allowed)
        return bool(allowed)
