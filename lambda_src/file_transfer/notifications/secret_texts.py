"""Secrets of channels, out of Secrets Manager, remembered for a minute by a warm worker."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.aws_errors import classify, error_code
from shared.errors import ValidationFailed

REMEMBERED_SECONDS = 60
MOST_ENTRIES = 500
CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"


class SecretTexts:
    """`client` is a boto3 client of Secrets Manager."""

    def __init__(self, client: Any, timer: Callable[[], float] = monotonic) -> None:
        self._client = client
        self._timer = timer
        self._known: dict[str, tuple[float, list[str]]] = {}

    def current(self, arn: str) -> str:
        """The secret as it is. Raises what `both` raises."""
        return self.both(arn)[0]

    def both(self, arn: str) -> list[str]:
        """The secret as it is and, if it was ever rotated, as it was before.

        Raises the taxonomy's errors when it cannot be read, ValidationFailed when it is no text.
        """
        until, texts = self._known.get(arn, (0.0, []))
        now = self._timer()
        if now < until:
            return texts
        current = self._text(arn, CURRENT)
        if current is None:
            raise ValidationFailed(f"secret {arn} has no text")
        previous = self._text(arn, PREVIOUS)
        texts = [current] if previous in (None, current) else [current, str(previous)]
        if len(self._known) >= MOST_ENTRIES:
            self._known.clear()
        self._known[arn] = (now + REMEMBERED_SECONDS, texts)
        return texts

    def forget(self, arn: str) -> None:
        """The next question goes to Secrets Manager."""
        self._known.pop(arn, None)

    def _text(self, arn: str, stage: str) -> str | None:
        try:
            answer = self._client.get_secret_value(SecretId=arn, VersionStage=stage)
        except (ClientError, BotoCoreError) as error:
            missing = isinstance(error, ClientError) and error_code(error) == "ResourceNotFoundException"
            if stage == PREVIOUS and missing:
                return None
            raise classify(error, "GetSecretValue") from error
        text: str | None = answer.get("SecretString")
        return text
