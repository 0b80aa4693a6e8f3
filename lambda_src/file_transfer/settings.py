"""The environment variables of the three handlers, read once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.settings import json_value, text, whole_number

FIVE_GIB = 5 * 1024**3
MIB = 1024**2
QUARANTINE, DELIVER = "QUARANTINE", "DELIVER"


@dataclass(frozen=True)
class SftpTarget:
    """Where files for one of our SFTP servers lie: its backend bucket and a prefix in it."""

    bucket: str
    prefix: str = ""


@dataclass(frozen=True)
class WatchedBucket:
    """The landing bucket: what is written below its prefixes starts a transfer. No prefixes: all of it does."""

    bucket: str = ""
    prefixes: tuple[str, ...] = ()

    def watches(self, bucket: str, key: str) -> bool:
        """True when an object of this name would be picked up."""
        if not self.bucket or bucket != self.bucket:
            return False
        return not self.prefixes or key.startswith(self.prefixes)


@dataclass(frozen=True)
class AddOns:
    """Which of the modules beside the core are there: what needs another is refused where definitions are judged."""

    content: bool = False
    connectors: bool = False
    large_files: bool = False
    notifications: bool = False


@dataclass(frozen=True)
class Settings:
    """Names of tables, limits in seconds, bytes and counts."""

    status_table: str = "FileTransferStatus"
    index_table: str = "CustomerFileIndex"
    workflow_table: str = "WorkflowDefinition"
    audit_table: str = "FileTransferAuditLog"
    failure_table: str = "TransferFailureQueue"
    notification_table: str = "TransferNotificationLog"
    sftp_targets: Mapping[str, SftpTarget] = field(default_factory=dict)
    watched: WatchedBucket = field(default_factory=WatchedBucket)
    add_ons: AddOns = field(default_factory=AddOns)
    lease_seconds: int = 330
    max_receives: int = 5
    copy_object_bytes: int = FIVE_GIB
    part_bytes: int = 256 * MIB
    max_copy_bytes: int = 100 * 1024 * MIB
    workflow_cache_seconds: int = 30
    retention_days: int = 0
    notification_topic_arn: str = ""
    notification_max_attempts: int = 5
    notification_queue_url: str = ""
    metric_workflows: frozenset[str] = frozenset()
    control_table: str = "FileTransferControl"
    queue_url: str = ""
    pipe_name: str = ""
    sftp_prefix: str = "from-sftp/"
    sftp_log_groups: tuple[str, ...] = ()
    sweep_settle_seconds: int = 900
    sweep_lookback_hours: int = 48
    unconfirmed_uploads: str = QUARANTINE


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings of this worker. Raises SettingError naming the variable that cannot be read."""
    env = os.environ if environ is None else environ
    plain = Settings()
    return Settings(
        status_table=text(env, "STATUS_TABLE", plain.status_table),
        index_table=text(env, "INDEX_TABLE", plain.index_table),
        workflow_table=text(env, "WORKFLOW_TABLE", plain.workflow_table),
        audit_table=text(env, "AUDIT_TABLE", plain.audit_table),
        failure_table=text(env, "FAILURE_TABLE", plain.failure_table),
        notification_table=text(env, "NOTIFICATION_TABLE", plain.notification_table),
        sftp_targets=_sftp_targets(json_value(env, "SFTP_TARGETS", {})),
        watched=WatchedBucket(text(env, "SOURCE_BUCKET", ""), tuple(json_value(env, "SOURCE_PREFIXES", []))),
        add_ons=AddOns(**json_value(env, "ADD_ONS", {})),
        lease_seconds=whole_number(env, "LEASE_SECONDS", plain.lease_seconds),
        max_receives=whole_number(env, "MAX_RECEIVES", plain.max_receives),
        copy_object_bytes=whole_number(env, "COPY_OBJECT_BYTES", plain.copy_object_bytes),
        part_bytes=whole_number(env, "PART_BYTES", plain.part_bytes),
        max_copy_bytes=whole_number(env, "MAX_COPY_BYTES", plain.max_copy_bytes),
        workflow_cache_seconds=whole_number(env, "WORKFLOW_CACHE_SECONDS", plain.workflow_cache_seconds),
        retention_days=whole_number(env, "RETENTION_DAYS", plain.retention_days),
        notification_topic_arn=text(env, "NOTIFICATION_TOPIC_ARN", ""),
        notification_max_attempts=whole_number(env, "NOTIFICATION_MAX_ATTEMPTS", plain.notification_max_attempts),
        notification_queue_url=text(env, "NOTIFICATION_QUEUE_URL", ""),
        metric_workflows=frozenset(json_value(env, "METRIC_WORKFLOWS", [])),
        control_table=text(env, "CONTROL_TABLE", plain.control_table),
        queue_url=text(env, "QUEUE_URL", ""),
        pipe_name=text(env, "PIPE_NAME", ""),
        sftp_prefix=text(env, "SFTP_PREFIX", plain.sftp_prefix),
        sftp_log_groups=tuple(json_value(env, "SFTP_LOG_GROUPS", [])),
        sweep_settle_seconds=whole_number(env, "SWEEP_SETTLE_SECONDS", plain.sweep_settle_seconds),
        sweep_lookback_hours=whole_number(env, "SWEEP_LOOKBACK_HOURS", plain.sweep_lookback_hours),
        unconfirmed_uploads=text(env, "UNCONFIRMED_UPLOADS", plain.unconfirmed_uploads),
    )


def _sftp_targets(value: Mapping[str, Any]) -> dict[str, SftpTarget]:
    return {alias: SftpTarget(each["bucket"], each.get("prefix", "")) for alias, each in value.items()}
