"""What the unit tests start from: messages, definitions and the tables they meet."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from file_transfer.settings import Settings, SftpTarget, WatchedBucket

LANDING = "sftp-landing-zone"
ARCHIVE = "archive-bucket-secure"
PARTNER = "partner-sftp-backend"
KEY = "from-sftp/bankpacific/bankpacific_transactions_2025-06-28.csv"
NOW = datetime(2025, 6, 28, 22, 1, 34, 123456, UTC)

SETTINGS = Settings(
    sftp_targets={"partner": SftpTarget(PARTNER, "home/")},
    watched=WatchedBucket(LANDING, ("from-sftp/", "from-s3/")),
    lease_seconds=330,
    max_receives=5,
    notification_topic_arn="arn:aws:sns:us-east-1:000000000000:file-transfer-notify",
)


class TickingClock:
    """A clock the test turns."""

    def __init__(self, start: datetime = NOW) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def definition(**changes: Any) -> dict[str, Any]:
    """The bank's workflow: an archive and a partner's SFTP server."""
    base: dict[str, Any] = {
        "PK": "WORKFLOW#copy-sftp-to-s3-and-sftp",
        "workflowId": "copy-sftp-to-s3-and-sftp",
        "sourceType": "SFTP",
        "targetType": "S3_SFTP",
        "sourceBucket": LANDING,
        "sourcePrefix": "from-sftp/bankpacific/",
        "customerId": "bankpacific",
        "validationRegex": r"^bankpacific_(transactions|balances)_\d{4}-\d{2}-\d{2}\.csv$",
        "targets": {
            "s3": {"type": "S3", "uri": f"s3://{ARCHIVE}/", "pathPattern": "customerId/YYYY/MM/"},
            "sftp": {"type": "SFTP", "uri": "sftp://partner/{customerId}/"},
        },
    }
    changed = {**base, **changes}
    changed["PK"] = f"WORKFLOW#{changed['workflowId']}"
    return {name: value for name, value in changed.items() if value is not None}


def s3_event(key: str = KEY, bucket: str = LANDING, version: str | None = "v1", **changes: Any) -> dict[str, Any]:
    """As EventBridge delivers it."""
    thing: dict[str, Any] = {"key": key, "size": 7, "etag": "e1", "sequencer": "0055AED6DCD90281E5", **changes}
    if version:
        thing["version-id"] = version
    return {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "time": "2025-06-28T22:01:30Z",
        "detail": {"bucket": {"name": bucket}, "object": thing, "reason": "PutObject"},
    }


def transfer_event(key: str = KEY, bucket: str = LANDING, failed: str = "", **changes: Any) -> dict[str, Any]:
    """As EventBridge delivers it from Transfer Family; `failed` is the failure code."""
    detail: dict[str, Any] = {
        "file-path": f"/{bucket}/{key}",
        "username": "bankpacific",
        "session-id": "session1",
        "status-code": "FAILED" if failed else "COMPLETED",
        "end-timestamp": "2025-06-28T22:01:30.500Z",
        **changes,
    }
    if failed:
        detail["failure-code"] = failed
    kind = "Failed" if failed else "Completed"
    return {
        "source": "aws.transfer",
        "detail-type": f"SFTP Server File Upload {kind}",
        "time": "2025-06-28T22:01:31Z",
        "detail": detail,
    }


def record(body: Any, message_id: str = "m1", receives: int = 1) -> dict[str, Any]:
    """An SQS record as the pipe hands it on."""
    return {
        "messageId": message_id,
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {"ApproximateReceiveCount": str(receives), "SentTimestamp": "1751148094123"},
    }


def retry_message(transfer: dict[str, Any]) -> dict[str, Any]:
    """As the state machine sends it after a failed attempt."""
    names = ("pk", "sk", "bucket", "key", "versionId", "attempt", "workflowId", "customerId")
    return {"kind": "towpath.retry", **{name: transfer[name] for name in names}, "retryCount": 1}
