"""The evidence pack of an execution, made of its records wherever they are kept: in the table, or in a journal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from disaster_recovery.records.execution import Execution
from disaster_recovery.records.store import Store
from disaster_recovery.reports.evidence import Run, build


def evidence_of(store: Store, execution: Execution, now: datetime) -> dict[str, Any]:
    """The pack; see evidence.build."""
    execution_id = execution.execution_id
    plan, termination = store.plan(execution_id), store.termination(execution_id)
    run = Run(
        execution=execution.to_item(),
        plan=plan.to_item() if plan else {},
        waves=[each.to_item() for each in store.waves(execution_id)],
        servers=[each.to_item() for each in store.servers(execution_id)],
        events=[{**each.to_item(), "revision": each.number} for each in store.events(execution_id)],
        actions=[each.to_item() for each in store.actions(execution_id)],
        terminations=[termination.to_item()] if termination else [],
    )
    return build(run, now)
