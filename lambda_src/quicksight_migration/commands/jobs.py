"""All commands in one place, as the API uses them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from quicksight_migration.commands.approving import Approver, CheckPlan
from quicksight_migration.commands.restoring import Restorer
from quicksight_migration.commands.running import Runner
from quicksight_migration.commands.starting import NewId, Payload, Starter, new_job_id
from quicksight_migration.errors import Transient
from quicksight_migration.machine.tools import Tools
from quicksight_migration.records.job import Job
from shared.aws_errors import classify
from shared.canonical import canonical_json


class Commands:
    """`actor` is the name that records bear, `user:…` or `aws:…`. Every command answers the job as it is afterwards."""

    def __init__(self, tools: Tools, check_plan: CheckPlan, new_id: NewId = new_job_id) -> None:
        self._starter = Starter(tools, new_id)
        self._runner = Runner(tools, self._starter)
        self._restorer = Restorer(tools, self._starter)
        self._approver = Approver(tools, check_plan)

    def start(self, actor: str, payload: Payload, key: str = "") -> Job:
        """Starts a migration; see Starter. Raises JobInvalid, IdempotencyConflict."""
        return self._starter.start(actor, payload, key)

    def restore(self, actor: str, job_id: str, options: Mapping[str, Any] | None = None, key: str = "") -> Job:
        """Starts a restore of a job; see Restorer. Raises NotFound, WrongState, IdempotencyConflict."""
        return self._restorer.restore(actor, job_id, options, key)

    def retry(self, actor: str, job_id: str, key: str = "") -> Job:
        """Runs a job again from the step that is not done. Raises NotFound, WrongState, IdempotencyConflict."""
        return self._runner.retry(actor, job_id, key)

    def cancel(self, actor: str, job_id: str, reason: str = "") -> Job:
        """Begins nothing more. Raises NotFound, WrongState."""
        return self._runner.cancel(actor, job_id, reason)

    def approve(self, actor: str, job_id: str, plan_hash: str, comment: str = "") -> Job:
        """Approves the plan with this hash. Raises NotFound, WrongState, PlanStale, SecondPersonRequired."""
        return self._approver.approve(actor, job_id, plan_hash, comment)

    def reject(self, actor: str, job_id: str, comment: str = "") -> Job:
        """Rejects the plan. Raises NotFound, WrongState."""
        return self._approver.reject(actor, job_id, comment)


@dataclass(frozen=True)
class PlanFunction:
    """Asks the function that makes plans whether one still holds. `functions` is a boto3 client `lambda`."""

    functions: Any
    function_name: str

    def __call__(self, job_id: str) -> Mapping[str, Any]:
        """{"drifted", "changes"}. Raises Transient when the function has failed, the taxonomy's errors otherwise."""
        payload = canonical_json({"action": "check", "jobId": job_id}).encode()
        try:
            answer = self.functions.invoke(FunctionName=self.function_name, Payload=payload)
            told = json.loads(answer["Payload"].read() or b"{}")
        except (ClientError, BotoCoreError) as error:
            raise classify(error, f"check the plan of {job_id}") from error
        if answer.get("FunctionError") or not isinstance(told.get("drifted"), bool):
            raise Transient(f"the plan of {job_id} could not be compared with its target")
        return dict(told)
