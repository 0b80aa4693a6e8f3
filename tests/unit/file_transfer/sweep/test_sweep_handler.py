"""The entry point of the sweep: cheap to import, wired without a network, errors as the taxonomy has them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from file_transfer import sweep_arrivals
from file_transfer.errors import Throttled, Transient
from file_transfer.sweep.sweeper import Report
from tests.unit.fake_s3 import error

LAMBDA_SRC = Path(__file__).parents[4] / "lambda_src"
CONTEXT = SimpleNamespace(get_remaining_time_in_millis=lambda: 300_000)


def run_python(code: str, **environment: str) -> str:
    """What a fresh interpreter prints, as at a cold start."""
    env = {"PYTHONPATH": str(LAMBDA_SRC), "AWS_DEFAULT_REGION": "us-east-1", **environment}
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=env)
    return done.stdout.strip()


def test_importing_it_imports_nothing_heavy() -> None:
    heavy = {"boto3", "jsonschema", "aws_xray_sdk"}

    assert run_python(f"import sys, file_transfer.sweep_arrivals; print(sorted(set(sys.modules) & {heavy}))") == "[]"


def test_its_wiring_needs_no_network_and_reads_the_environment() -> None:
    code = (
        "from file_transfer.sweep_arrivals import sweeper; s = sweeper(); "
        "print(s.settings.sweep_settle_seconds, s.settings.sftp_log_groups, s.listing.prefixes)"
    )

    printed = run_python(
        code,
        SOURCE_BUCKET="landing",
        SOURCE_PREFIXES='["from-sftp/", "from-s3/"]',
        SFTP_LOG_GROUPS='["one", "two"]',
        SWEEP_SETTLE_SECONDS="7",
        QUEUE_URL="https://sqs/queue",
        PIPE_NAME="pipe",
    )

    assert printed == "7 ('one', 'two') ('from-s3/', 'from-sftp/')"


class FixedSweeper:
    """A sweep with one report, or one failure."""

    def __init__(self, outcome: Any) -> None:
        self.outcome = outcome

    def sweep(self, seconds_left: Any) -> Report:
        assert seconds_left() == 300.0  # noqa: PLR2004  (what the context says)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        report: Report = self.outcome
        return report


def test_it_answers_with_what_was_done(monkeypatch: pytest.MonkeyPatch) -> None:
    report = Report(arrivals_found=3, uploads_unconfirmed=1, revived=2, overdue=1, behind=True)
    monkeypatch.setattr(sweep_arrivals, "sweeper", lambda: FixedSweeper(report))

    assert sweep_arrivals.handler({}, CONTEXT) == {
        "arrivalsFound": 3,
        "uploadsUnconfirmed": 1,
        "revived": 2,
        "overdue": 1,
        "behind": True,
    }


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (error(400, "ThrottlingException", "PutItem"), Throttled),
        (EndpointConnectionError(endpoint_url="x"), Transient),
    ],
)
def test_failures_are_those_of_the_taxonomy(
    monkeypatch: pytest.MonkeyPatch, raised: Exception, expected: type[Exception]
) -> None:
    monkeypatch.setattr(sweep_arrivals, "sweeper", lambda: FixedSweeper(raised))

    with pytest.raises(expected):
        sweep_arrivals.handler({}, CONTEXT)
