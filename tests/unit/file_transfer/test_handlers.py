"""The three entry points: what they import, what they pass on, what they raise."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from file_transfer import copy_object, validate_input
from file_transfer.copying.copier import Copier
from file_transfer.errors import SourceGone, Throttled, Transient
from file_transfer.intake.source import SourceReader
from shared.schemas import problems
from tests.unit.fake_s3 import FakeS3, error
from tests.unit.given import ARCHIVE, KEY, LANDING, SETTINGS, record

LAMBDA_SRC = Path(__file__).parents[3] / "lambda_src"
HANDLERS = ["validate_input", "copy_object", "record_status"]


@pytest.mark.parametrize("module", HANDLERS)
def test_importing_a_handler_imports_nothing_heavy(module: str) -> None:
    # Given a fresh interpreter, as at a cold start
    heavy = {"boto3", "jsonschema", "aws_xray_sdk"}
    code = f"import sys, file_transfer.{module}; print(sorted(set(sys.modules) & {heavy}))"
    answer = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env={"PYTHONPATH": str(LAMBDA_SRC)}
    )
    # Then clients and schemas are left to the first use
    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize("module", HANDLERS)
def test_the_wiring_of_a_handler_needs_no_network(module: str) -> None:
    # Given an environment as the module sets it
    env = {
        "PYTHONPATH": str(LAMBDA_SRC),
        "AWS_DEFAULT_REGION": "us-east-1",
        "SFTP_TARGETS": json.dumps({"partner": {"bucket": "b", "prefix": "p/"}}),
        "SOURCE_BUCKET": LANDING,
        "SOURCE_PREFIXES": '["from-sftp/"]',
        "LEASE_SECONDS": "8",
    }
    factory = {"validate_input": "intake", "copy_object": "copier", "record_status": "recorder"}[module]
    code = f"from file_transfer import {module} as m; print(m.{factory}().settings.lease_seconds)"
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=env)
    # Then it is made, with the settings of the environment
    assert answer.stdout.strip() == "8"


class FixedIntake:
    """An intake with one answer, or one failure."""

    def __init__(self, outcome: Any) -> None:
        self.outcome = outcome

    def take(self, _record: Any) -> Any:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (error(400, "ThrottlingException", "PutItem"), Throttled),
        (EndpointConnectionError(endpoint_url="x"), Transient),
        (Transient("lost races"), Transient),
    ],
)
def test_validate_input_raises_the_taxonomy(
    raised: Exception, expected: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validate_input, "intake", lambda: FixedIntake(raised))
    with pytest.raises(expected):
        validate_input.handler({"record": record({}), "executionId": "e1"}, None)


@pytest.mark.parametrize(
    ("action", "reason", "metric"),
    [
        ("DROP", "DUPLICATE", "DuplicatesDropped"),
        ("DROP", "UNKNOWN_OPERATION", "MessagesWithoutEffect"),
        ("NOTED", "OUTCOME", "OutcomesNoted"),
        ("WAIT", "NOT_DUE", "RetriesPostponed"),
    ],
)
def test_what_gets_no_status_is_counted(
    action: str, reason: str, metric: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given a message that gives no transfer a new status
    answer = {"action": action, "messageId": "m1", "reason": reason, "message": "", "transfer": {"id": "i"}}
    monkeypatch.setattr(validate_input, "intake", lambda: FixedIntake(answer))
    # When it is handled
    assert validate_input.handler({"record": record({}), "executionId": "e1"}, None) == answer
    # Then one metric says so, without a customer
    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert line[metric] == [1.0]
    assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]


class TestCopyObject:
    @pytest.fixture
    def s3(self, monkeypatch: pytest.MonkeyPatch) -> FakeS3:
        fake = FakeS3()
        monkeypatch.setattr(copy_object, "copier", lambda: Copier(SETTINGS, fake, SourceReader(fake)))
        return fake

    @staticmethod
    def event(s3: FakeS3, overwrite: str = "newest-wins") -> dict[str, Any]:
        version = s3.put(LANDING, KEY, b"content")
        transfer = {
            "id": "0123456789abcdef",
            "customerId": "bankpacific",
            "bucket": LANDING,
            "key": KEY,
            "versionId": version.version_id,
            "etag": version.etag,
            "sizeBytes": 7,
            "arrivedAt": "2025-06-28T22:00:00.000000Z",
        }
        uri = f"s3://{ARCHIVE}/k.csv"
        target = {"id": "s3", "type": "S3", "bucket": ARCHIVE, "key": "k.csv", "uri": uri, "overwrite": overwrite}
        return {"transfer": transfer, "target": {**target, "attempts": 1}}

    def test_the_receipt_is_typed_for_the_status_item(self, s3: FakeS3) -> None:
        # When a target is copied
        answer = copy_object.handler(self.event(s3), None)
        # Then its record is a DynamoDB map
        assert (answer["id"], answer["state"], "reason" in answer) == ("s3", "SUCCEEDED", False)
        receipt = answer["record"]["M"]
        assert receipt["state"] == {"S": "SUCCEEDED"}
        assert receipt["attempts"] == {"N": "2"}
        assert set(receipt) == {"state", "attempts", "checksum", "versionId", "at"}

    def test_a_skipped_target_says_why(self, s3: FakeS3) -> None:
        s3.put(ARCHIVE, "k.csv", b"theirs")
        answer = copy_object.handler(self.event(s3, "never"), None)
        assert (answer["state"], answer["reason"]) == ("SKIPPED", "EXISTS")
        assert answer["record"]["M"]["overwrite"] == {"S": "never"}

    def test_errors_keep_their_names(self, s3: FakeS3) -> None:
        event = self.event(s3)
        s3.delete(LANDING, KEY)
        with pytest.raises(SourceGone):
            copy_object.handler(event, None)


def test_a_review_message_of_the_machine_is_as_its_schema_says() -> None:
    # Given the two forms the machine sends
    tracked = {
        "kind": "towpath.review",
        "transferId": "0123456789abcdef",
        "status": "REJECTED",
        "reason": "EMPTY_FILE",
        "message": "the file has no bytes",
        "bucket": LANDING,
        "key": KEY,
        "versionId": "v1",
        "customerId": "bankpacific",
        "workflowId": "w",
        "executionId": "e1",
    }
    raw = {"kind": "towpath.review", "reason": "UNREADABLE_MESSAGE", "message": "m", "executionId": "e", "record": {}}
    assert problems("review-message", tracked) == []
    assert problems("review-message", raw | {"status": "UNREADABLE"}) == []
