"""What a user may write instead of an id: a plan's or group's name, `latest` for an execution."""

from __future__ import annotations

import re
from typing import Any

from towpath.api import Api
from towpath.errors import Missing

PLAN_ID = re.compile(r"rp-[a-z2-7]{20}")
GROUP_ID = re.compile(r"pg-[a-z2-7]{20}")
LATEST = "latest"

Document = dict[str, Any]


def plan_id(api: Api, plan: str) -> str:
    """The id of a plan that is named by id or name. Raises Missing."""
    if PLAN_ID.fullmatch(plan):
        return plan
    found = stored_summary(api, plan)
    if found is None:
        raise Missing(f"there is no recovery plan {plan!r}", "`towpath drs plans list` lists them.")
    return str(found["planId"])


def stored_summary(api: Api, name: str) -> Document | None:
    """The plan of that name, as lists show it."""
    return next(iter(api.pages("/recovery-plans", {"name": name})), None)


def group_id(api: Api, group: str) -> str:
    """The id of a protection group that is named by id or name. Raises Missing."""
    if GROUP_ID.fullmatch(group):
        return group
    found = stored_group(api, group)
    if found is None:
        raise Missing(f"there is no protection group {group!r}", "`towpath drs groups list` lists them.")
    return str(found["groupId"])


def stored_group(api: Api, name: str) -> Document | None:
    """The group of that name."""
    return next((each for each in api.pages("/protection-groups") if each["name"] == name), None)


def execution_id(api: Api, execution: str) -> str:
    """The id of an execution; `latest` is the one that was started last. Raises Missing."""
    if execution != LATEST:
        return execution
    found = next(iter(api.pages("/executions", {"limit": 1}, most=1)), None)
    if found is None:
        raise Missing("nothing was ever executed", "`towpath drs execute PLAN --drill` starts a drill.")
    return str(found["executionId"])
