"""A state machine as handlers use it: started by name, asked how it stands, answered by token.

A token is handed to Step Functions and to nobody else: it is in no error, event or log line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from shared.aws_errors import classify, error_code
from shared.canonical import canonical_json
from shared.errors import StaleToken

#: Step Functions API Reference, SendTaskSuccess: the task was answered or timed out, its run has ended, or was never.
STALE_CODES = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})


class Run(Protocol):
    """What is run: a record that knows the name of its run and what the machine is told."""

    @property
    def run_name(self) -> str: ...
    @property
    def run_input(self) -> Mapping[str, Any]: ...


R_contra = TypeVar("R_contra", bound=Run, contravariant=True)


class Machine(Protocol[R_contra]):
    """What carries out runs; a break-glass run or a test brings its own.

    Besides what is named, the taxonomy's errors are raised; after any of them the same call may be made again.
    """

    def start(self, run: R_contra) -> str:
        """Starts the run; the same run is started once. Returns its ARN."""

    def status(self, run: R_contra) -> str:
        """RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED or PENDING_REDRIVE; "" when the run was never started."""

    def succeed(self, token: str, output: Mapping[str, Any]) -> None:
        """Ends the waiting task with an output. Raises StaleToken when nothing waits for it."""

    def fail(self, token: str, error: str, cause: str) -> None:
        """Ends the waiting task with a named error. Raises StaleToken when nothing waits for it."""

    def heartbeat(self, token: str) -> None:
        """Has the task wait for longer. Raises StaleToken when nothing waits for it."""


@dataclass(frozen=True)
class StateMachine:
    """AWS Step Functions. `states` is a boto3 client `stepfunctions`."""

    states: Any
    arn: str

    def start(self, run: Run) -> str:
        """StartExecution of a Standard machine may be repeated with the same name and input (API Reference)."""
        try:
            answer = self.states.start_execution(
                stateMachineArn=self.arn, name=run.run_name, input=canonical_json(run.run_input)
            )
        except (ClientError, BotoCoreError) as error:
            if isinstance(error, ClientError) and error_code(error) == "ExecutionAlreadyExists":
                return self.run_arn(run)
            raise classify(error, f"start {run.run_name}") from error
        return str(answer["executionArn"])

    def status(self, run: Run) -> str:
        try:
            answer = self.states.describe_execution(executionArn=self.run_arn(run))
        except (ClientError, BotoCoreError) as error:
            if isinstance(error, ClientError) and error_code(error) == "ExecutionDoesNotExist":
                return ""
            raise classify(error, f"describe {run.run_name}") from error
        return str(answer["status"])

    def run_arn(self, run: Run) -> str:
        """`arn:…:stateMachine:<machine>` → `arn:…:execution:<machine>:<run>`."""
        return f"{self.arn.replace(':stateMachine:', ':execution:', 1)}:{run.run_name}"

    def succeed(self, token: str, output: Mapping[str, Any]) -> None:
        self._send("send_task_success", taskToken=token, output=canonical_json(output))

    def fail(self, token: str, error: str, cause: str) -> None:
        self._send("send_task_failure", taskToken=token, error=error, cause=cause)

    def heartbeat(self, token: str) -> None:
        self._send("send_task_heartbeat", taskToken=token)

    def _send(self, operation: str, **arguments: Any) -> None:
        try:
            getattr(self.states, operation)(**arguments)
        except (ClientError, BotoCoreError) as error:
            # A service may repeat what it was sent: only its code goes on, and not the error that it came in.
            code = error_code(error) if isinstance(error, ClientError) else type(error).__name__
            if code in STALE_CODES:
                raise StaleToken(f"the machine does not wait for this answer: {code}") from None
            raise type(classify(error, operation))(f"{operation}: {code}") from None
