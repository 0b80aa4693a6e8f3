"""The environment variables of the functions of file-transfer-notifications, read once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from shared.settings import json_value, text, whole_number


@dataclass(frozen=True)
class NotificationSettings:
    """Names of tables, the queue of orders, and limits in seconds and counts.

    `allowed_networks`: CIDR blocks that channels may lie in although they are no public addresses.
    """

    workflow_table: str = "WorkflowDefinition"
    status_table: str = "FileTransferStatus"
    notification_table: str = "TransferNotificationLog"
    control_table: str = "FileTransferControl"
    expectation_table: str = "TransferExpectation"
    queue_url: str = ""
    dead_letter_url: str = ""
    topic_arn: str = ""
    allowed_networks: tuple[str, ...] = ()
    max_attempts: int = 8
    retry_base_seconds: int = 30
    retry_max_seconds: int = 3600
    request_seconds: int = 10
    lease_seconds: int = 60
    grace_seconds: int = 120
    retention_days: int = 400


def read_settings(environ: Mapping[str, str] | None = None) -> NotificationSettings:
    """Settings of this worker. Raises SettingError naming the variable that cannot be read."""
    env = os.environ if environ is None else environ
    plain = NotificationSettings()
    return NotificationSettings(
        workflow_table=text(env, "WORKFLOW_TABLE", plain.workflow_table),
        status_table=text(env, "STATUS_TABLE", plain.status_table),
        notification_table=text(env, "NOTIFICATION_TABLE", plain.notification_table),
        control_table=text(env, "CONTROL_TABLE", plain.control_table),
        expectation_table=text(env, "EXPECTATION_TABLE", plain.expectation_table),
        queue_url=text(env, "ORDER_QUEUE_URL", plain.queue_url),
        dead_letter_url=text(env, "ORDER_DEAD_LETTER_URL", plain.dead_letter_url),
        topic_arn=text(env, "NOTIFICATION_TOPIC_ARN", plain.topic_arn),
        allowed_networks=tuple(json_value(env, "ALLOWED_NETWORKS", [])),
        max_attempts=whole_number(env, "MAX_ATTEMPTS", plain.max_attempts),
        retry_base_seconds=whole_number(env, "RETRY_BASE_SECONDS", plain.retry_base_seconds),
        retry_max_seconds=whole_number(env, "RETRY_MAX_SECONDS", plain.retry_max_seconds),
        request_seconds=whole_number(env, "REQUEST_SECONDS", plain.request_seconds),
        lease_seconds=whole_number(env, "DELIVERY_LEASE_SECONDS", plain.lease_seconds),
        grace_seconds=whole_number(env, "GRACE_SECONDS", plain.grace_seconds),
        retention_days=whole_number(env, "EXPECTATION_RETENTION_DAYS", plain.retention_days),
    )
