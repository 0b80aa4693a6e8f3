"""The steps decrypt, verify and encrypt of a workflow, with keys and certificates from where its definition says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from file_transfer.content import pgp
from file_transfer.errors import Rejection
from file_transfer.workflows.rules import Section


class Secrets(Protocol):
    """Texts out of Secrets Manager, as file_transfer.notifications.secret_texts.SecretTexts has them."""

    def current(self, arn: str) -> str: ...
    def both(self, arn: str) -> list[str]: ...
    def forget(self, arn: str) -> None: ...


@dataclass(frozen=True)
class PgpSteps:
    """Raises what file_transfer.content.pgp raises, and the taxonomy's errors where a secret cannot be read."""

    secrets: Secrets

    def open(self, source: Path, target: Path, steps: Section, most_bytes: int) -> None:
        """A key that was just rotated still opens what was encrypted to the one before, and the new one at once."""
        try:
            self._open(source, target, steps, most_bytes)
        except Rejection as rejection:
            secrets = _secrets_of(steps)
            if rejection.reason == "FILE_TOO_LARGE" or not secrets:
                raise
            for arn in secrets:
                self.secrets.forget(arn)
            self._open(source, target, steps, most_bytes)

    def encrypt(self, source: Path, target: Path, steps: Section, most_bytes: int) -> None:
        """For everybody whose certificate is named."""
        step = steps["encrypt"]
        armor = step.get("armor", False)
        pgp.encrypt(source, target, self._certificates(step), armor=armor, most_bytes=most_bytes)

    def _open(self, source: Path, target: Path, steps: Section, most_bytes: int) -> None:
        keys = self.secrets.both(steps["decrypt"]["keySecretArn"]) if "decrypt" in steps else []
        signers = None
        if "verify" in steps:
            verify = steps["verify"]
            signers = pgp.Signers(self._certificates(verify), verify.get("required", True))
        pgp.open_message(source, target, keys, signers, most_bytes)

    def _certificates(self, step: Section) -> list[str]:
        return [self.secrets.current(step["secretArn"])] if "secretArn" in step else list(step["certificates"])


def _secrets_of(steps: Section) -> list[str]:
    named = [steps.get("decrypt", {}).get("keySecretArn"), steps.get("verify", {}).get("secretArn")]
    return [arn for arn in named if arn]
