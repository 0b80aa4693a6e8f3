"""The action ValidatePlan: can the frozen plan be run in the account as it is now?

A drill or recovery goes on with what can be launched, since finding out is what a drill is for and a disaster leaves no
choice; it is refused when its records do not fit together, or when not one of its servers exists any more.
"""

from __future__ import annotations

from typing import Any

from disaster_recovery.errors import AccountNotInitialized, PlanInvalid, TowpathError
from disaster_recovery.preparing import frozen
from disaster_recovery.starting import plan_hash
from disaster_recovery.tools import Tools
from disaster_recovery.transitions import going_on
from shared.schemas import Problem


def validate_plan(tools: Tools, execution_id: str) -> dict[str, Any]:
    """{}. Raises PlanInvalid, ExecutionCancelled; what cannot be read now is no reason to refuse."""
    execution = going_on(tools.store, execution_id)
    plan = frozen(tools.store, execution_id)
    record = tools.store.plan(execution_id)
    if record is None or plan_hash(record.document, list(record.waves)) != execution.plan_hash:
        raise PlanInvalid("the plan is not the one that the execution was started with")
    servers = tools.store.servers(execution_id)
    if len(servers) != sum(len(wave["sourceServerIds"]) for wave in record.waves) or len(plan.waves) != len(
        record.waves
    ):
        raise PlanInvalid("servers of the plan are missing")
    wanted = {server.source_server_id for server in servers}
    try:
        known = {each.source_server_id for each in tools.drs(execution.account.account()).source_servers(wanted)}
    except AccountNotInitialized as error:
        raise PlanInvalid([Problem("$.account", str(error))]) from error
    except TowpathError:
        tools.count("DescribeErrors", 1)
        return {}
    if wanted and not known:
        raise PlanInvalid([Problem("$.waves", "DRS knows none of the plan's servers any more")])
    return {}
