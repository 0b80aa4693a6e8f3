"""The environment variables of the functions behind the API, read once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from file_transfer.settings import AddOns, Settings, SftpTarget, WatchedBucket
from shared.settings import json_value, text, whole_number


@dataclass(frozen=True)
class ApiSettings:
    """Names of tables and queues, who may do what, and what the intake goes by.

    `role_groups` maps a group of the user pool to its permissions, `group_customers` to the customers that it sees (a
    group that is absent sees all). `notification_queue_url` is empty where nobody delivers orders.
    """

    status_table: str = "FileTransferStatus"
    index_table: str = "CustomerFileIndex"
    workflow_table: str = "WorkflowDefinition"
    audit_table: str = "FileTransferAuditLog"
    failure_table: str = "TransferFailureQueue"
    notification_table: str = "TransferNotificationLog"
    control_table: str = "FileTransferControl"
    expectation_table: str = "TransferExpectation"
    queue_url: str = ""
    dead_letter_queue_url: str = ""
    notification_queue_url: str = ""
    replay_queue_url: str = ""
    role_groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    group_customers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sftp_targets: Mapping[str, SftpTarget] = field(default_factory=dict)
    watched: WatchedBucket = field(default_factory=WatchedBucket)
    add_ons: AddOns = field(default_factory=AddOns)
    max_copy_bytes: int = Settings.max_copy_bytes
    copy_object_bytes: int = Settings.copy_object_bytes
    large_file_bytes: int = 107374182400

    def of_intake(self) -> Settings:
        """What the intake's own rules are given."""
        return Settings(
            status_table=self.status_table,
            workflow_table=self.workflow_table,
            sftp_targets=self.sftp_targets,
            watched=self.watched,
            add_ons=self.add_ons,
            max_copy_bytes=self.max_copy_bytes,
        )


def read_settings(environ: Mapping[str, str] | None = None) -> ApiSettings:
    """Settings of this worker. Raises SettingError naming the variable that cannot be read."""
    env = os.environ if environ is None else environ
    plain = ApiSettings()
    targets = json_value(env, "SFTP_TARGETS", {})
    return ApiSettings(
        status_table=text(env, "STATUS_TABLE", plain.status_table),
        index_table=text(env, "INDEX_TABLE", plain.index_table),
        workflow_table=text(env, "WORKFLOW_TABLE", plain.workflow_table),
        audit_table=text(env, "AUDIT_TABLE", plain.audit_table),
        failure_table=text(env, "FAILURE_TABLE", plain.failure_table),
        notification_table=text(env, "NOTIFICATION_TABLE", plain.notification_table),
        control_table=text(env, "CONTROL_TABLE", plain.control_table),
        expectation_table=text(env, "EXPECTATION_TABLE", plain.expectation_table),
        queue_url=text(env, "QUEUE_URL", ""),
        dead_letter_queue_url=text(env, "DEAD_LETTER_QUEUE_URL", ""),
        notification_queue_url=text(env, "NOTIFICATION_QUEUE_URL", ""),
        replay_queue_url=text(env, "REPLAY_QUEUE_URL", ""),
        role_groups=_lists(env, "ROLE_GROUPS"),
        group_customers=_lists(env, "GROUP_CUSTOMERS"),
        sftp_targets={alias: SftpTarget(each["bucket"], each.get("prefix", "")) for alias, each in targets.items()},
        watched=WatchedBucket(text(env, "SOURCE_BUCKET", ""), tuple(json_value(env, "SOURCE_PREFIXES", []))),
        add_ons=AddOns(**json_value(env, "ADD_ONS", {})),
        max_copy_bytes=whole_number(env, "MAX_COPY_BYTES", plain.max_copy_bytes),
        copy_object_bytes=whole_number(env, "COPY_OBJECT_BYTES", plain.copy_object_bytes),
        large_file_bytes=whole_number(env, "LARGE_FILE_BYTES", plain.large_file_bytes),
    )


def _lists(env: Mapping[str, str], name: str) -> dict[str, tuple[str, ...]]:
    return {key: tuple(values) for key, values in json_value(env, name, {}).items()}
