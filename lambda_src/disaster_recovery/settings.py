"""The environment variables of the four handlers, read once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.settings import json_value, text, whole_number


@dataclass(frozen=True)
class Settings:
    """Names of tables and resources, limits in seconds and days.

    `role_groups` maps a group of the user pool to its permissions; `probe_hosts` are the host suffixes that HTTP probes
    may call; a role in `action_role_arn` is handed to SSM Automation.
    """

    groups_table: str = "protection-groups"
    plans_table: str = "recovery-plans"
    history_table: str = "execution-history"
    region: str = "us-east-1"
    state_machine_arn: str = ""
    poller_function_name: str = ""
    wake_queue_url: str = ""
    notification_topic_arn: str = ""
    role_groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    probe_hosts: tuple[str, ...] = ()
    action_role_arn: str = ""
    intent_grace_seconds: int = 60
    quick_poll_seconds: int = 1
    retention_days: int = 0


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings of this worker. Raises SettingError naming the variable that cannot be read."""
    env = os.environ if environ is None else environ
    plain = Settings()
    return Settings(
        groups_table=text(env, "GROUPS_TABLE", plain.groups_table),
        plans_table=text(env, "PLANS_TABLE", plain.plans_table),
        history_table=text(env, "HISTORY_TABLE", plain.history_table),
        region=text(env, "AWS_REGION", env.get("AWS_DEFAULT_REGION", plain.region)),
        state_machine_arn=text(env, "STATE_MACHINE_ARN", ""),
        poller_function_name=text(env, "POLLER_FUNCTION_NAME", ""),
        wake_queue_url=text(env, "WAKE_QUEUE_URL", ""),
        notification_topic_arn=text(env, "NOTIFICATION_TOPIC_ARN", ""),
        role_groups={name: tuple(each) for name, each in json_value(env, "ROLE_GROUPS", {}).items()},
        probe_hosts=tuple(json_value(env, "PROBE_HOSTS", [])),
        action_role_arn=text(env, "ACTION_ROLE_ARN", ""),
        intent_grace_seconds=whole_number(env, "INTENT_GRACE_SECONDS", plain.intent_grace_seconds),
        quick_poll_seconds=whole_number(env, "QUICK_POLL_SECONDS", plain.quick_poll_seconds),
        retention_days=whole_number(env, "RETENTION_DAYS", plain.retention_days),
    )
