"""Lambda functions. A function may be called more than once with the same `idempotencyKey`, and may take its time:

it answers {"status": "RUNNING"} to be called again with the next poll, {"status": "FAILED", "message"} when it has
failed; any other answer that is not an error means that it succeeded.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from disaster_recovery.wave_actions.service import FAILED, RUNNING, SUCCEEDED, Progress, Task
from shared.aws_errors import classify, error_code
from shared.errors import NotFound

MESSAGE_LENGTH = 500


@dataclass(frozen=True)
class FunctionCall:
    """`functions` is a boto3 client `lambda` whose read timeout is shorter than the poller's."""

    functions: Any

    def advance(self, task: Task) -> Progress:
        """Calls the function and reads its answer."""
        try:
            answer = self.functions.invoke(
                FunctionName=task.planned.arguments["functionName"],
                InvocationType="RequestResponse",
                Payload=json.dumps(event(task), default=float).encode(),  # fractions come as Decimal from the table
            )
        except (ClientError, BotoCoreError) as error:
            if isinstance(error, ClientError) and error_code(error) == "ResourceNotFoundException":
                raise NotFound(f"there is no function {task.planned.arguments['functionName']}") from error
            raise classify(error, f"action {task.planned.name}") from error
        return read(answer["Payload"].read(), bool(answer.get("FunctionError")))


def event(task: Task) -> dict[str, Any]:
    """What the function is called with."""
    return {
        "executionId": task.execution.execution_id,
        "executionType": task.execution.type,
        "planName": task.execution.plan_name,
        "waveNumber": task.action.wave_number,
        "phase": task.action.phase,
        "action": task.planned.name,
        "attempt": task.action.attempt,
        "idempotencyKey": task.token,
        "servers": [dict(server) for server in task.servers],
        "payload": task.planned.arguments.get("payload", {}),
    }


def read(payload: bytes, is_error: bool) -> Progress:
    """What an answer means."""
    try:
        answer = json.loads(payload or b"null")
    except ValueError:
        answer = None
    told = answer if isinstance(answer, dict) else {}
    if is_error:
        return Progress(FAILED, str(told.get("errorMessage") or "the function raised an error")[:MESSAGE_LENGTH])
    message = str(told.get("message", ""))[:MESSAGE_LENGTH]
    return Progress(told["status"] if told.get("status") in (RUNNING, FAILED) else SUCCEEDED, message)
