"""Whether the pipe behind the intake queue runs."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.aws_errors import classify

RUNNING = "RUNNING"


class Pipe:
    """The pipe between the queue and the machine."""

    def __init__(self, pipes: Any, name: str) -> None:
        self._pipes = pipes
        self._name = name

    def runs(self) -> bool:
        """False when it is stopped, starting, failed or gone. Raises the taxonomy's errors."""
        try:
            return bool(self._pipes.describe_pipe(Name=self._name)["CurrentState"] == RUNNING)
        except (ClientError, BotoCoreError) as error:
            raise classify(error, f"describe the pipe {self._name}") from error
