"""The entry point of the identity provider: cheap to import, wired without a network, silent about passwords."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from file_transfer import identity_provider
from file_transfer.errors import Throttled
from file_transfer.identity.logins import Login
from tests.unit.fake_s3 import error

LAMBDA_SRC = Path(__file__).parents[4] / "lambda_src"
EVENT = {"username": "bank", "password": "secret", "protocol": "SFTP", "serverId": "s-1", "sourceIp": "192.0.2.1"}


def run_python(code: str, **environment: str) -> str:
    """What a fresh interpreter prints, as at a cold start."""
    env = {"PYTHONPATH": str(LAMBDA_SRC), "AWS_DEFAULT_REGION": "us-east-1", **environment}
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=env)
    return done.stdout.strip()


def test_importing_it_imports_nothing_heavy() -> None:
    heavy = {"argon2", "boto3", "jsonschema", "aws_xray_sdk"}

    assert run_python(f"import sys, file_transfer.identity_provider; print(sorted(set(sys.modules) & {heavy}))") == "[]"


def test_its_wiring_needs_no_network_and_reads_the_environment() -> None:
    printed = run_python(
        "from file_transfer.identity_provider import logins; s = logins().settings; print(s.homes[0], s.partition)",
        WORKFLOW_TABLE="WorkflowDefinition",
        SFTP_USER_ROLE_ARN="arn:aws-us-gov:iam::111122223333:role/sftp-user",
        SOURCE_BUCKET="landing",
        SFTP_HOMES='[{"bucket": "landing", "prefix": "from-sftp/", "kms_key_arn": null}]',
    )

    assert printed == "HomePlace(bucket='landing', prefix='from-sftp/', kms_key_arn='') aws-us-gov"


class FixedLogins:
    """Answers every login the same, or fails."""

    def __init__(self, outcome: Any) -> None:
        self.outcome = outcome
        self.asked: list[Login] = []

    def decide(self, login: Login) -> dict[str, Any]:
        self.asked.append(login)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        answer: dict[str, Any] = self.outcome
        return answer


@pytest.mark.parametrize("left_out", ["password", "sourceIp", "username"])
def test_members_that_are_missing_are_empty(monkeypatch: pytest.MonkeyPatch, left_out: str) -> None:
    fixed = FixedLogins({})
    monkeypatch.setattr(identity_provider, "logins", lambda: fixed)

    assert identity_provider.handler({name: value for name, value in EVENT.items() if name != left_out}, None) == {}

    expected = {"password": Login("bank", "", "192.0.2.1"), "sourceIp": Login("bank", "secret", "")}
    assert fixed.asked == [expected.get(left_out, Login("-", "secret", "192.0.2.1"))]


def test_a_table_that_cannot_be_read_refuses_the_login(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fixed = FixedLogins(error(400, "ThrottlingException", "Query"))
    monkeypatch.setattr(identity_provider, "logins", lambda: fixed)

    with pytest.raises(Throttled) as caught:
        identity_provider.handler(EVENT, None)

    assert "secret" not in str(caught.value) + capsys.readouterr().out
