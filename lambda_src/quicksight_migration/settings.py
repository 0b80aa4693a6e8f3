"""The environment variables of all handlers, read once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from quicksight_migration.accounts.facts import BiAccount, read_accounts
from shared.settings import json_value, text, whole_number


@dataclass(frozen=True)
class Settings:
    """Names of tables and resources, limits in seconds and days.

    `source_accounts` and `target_accounts` by account id; `role_groups` maps a group of the user pool to its
    permissions, `group_tenants` to the tenants it sees (a group that is absent sees all). `export_slots` and
    `import_slots` are bundle jobs at a time in an account and Region.
    """

    jobs_table: str = "biops-job-runs"
    live_table: str = "biops-live"
    region: str = "us-east-1"
    bundle_bucket: str = ""
    bundle_key_arn: str = ""
    source_accounts: Mapping[str, BiAccount] = field(default_factory=dict)
    target_accounts: Mapping[str, BiAccount] = field(default_factory=dict)
    state_machine_arn: str = ""
    plan_function_name: str = ""
    drift_function_name: str = ""
    alert_topic_arn: str = ""
    role_groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    group_tenants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    live_url: str = ""
    live_callback_url: str = ""
    log_groups: tuple[str, ...] = ()
    poll_seconds: int = 15
    step_limit_seconds: int = 7200
    export_slots: int = 5
    import_slots: int = 5
    retention_days: int = 0


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings of this worker. Raises SettingError naming the variable that cannot be read."""
    env = os.environ if environ is None else environ
    plain = Settings()
    return Settings(
        jobs_table=text(env, "JOBS_TABLE", plain.jobs_table),
        live_table=text(env, "LIVE_TABLE", plain.live_table),
        region=text(env, "AWS_REGION", env.get("AWS_DEFAULT_REGION", plain.region)),
        bundle_bucket=text(env, "BUNDLE_BUCKET", ""),
        bundle_key_arn=text(env, "BUNDLE_KMS_KEY_ARN", ""),
        source_accounts=read_accounts(json_value(env, "SOURCE_ACCOUNTS", {}), "SOURCE_ACCOUNTS"),
        target_accounts=read_accounts(json_value(env, "TARGET_ACCOUNTS", {}), "TARGET_ACCOUNTS"),
        state_machine_arn=text(env, "STATE_MACHINE_ARN", ""),
        plan_function_name=text(env, "PLAN_FUNCTION_NAME", ""),
        drift_function_name=text(env, "DRIFT_FUNCTION_NAME", ""),
        alert_topic_arn=text(env, "ALERT_TOPIC_ARN", ""),
        role_groups=_lists(env, "ROLE_GROUPS"),
        group_tenants=_lists(env, "GROUP_TENANTS"),
        live_url=text(env, "LIVE_URL", ""),
        live_callback_url=text(env, "LIVE_CALLBACK_URL", ""),
        log_groups=tuple(json_value(env, "LOG_GROUPS", [])),
        poll_seconds=whole_number(env, "POLL_SECONDS", plain.poll_seconds),
        step_limit_seconds=whole_number(env, "STEP_LIMIT_SECONDS", plain.step_limit_seconds),
        export_slots=whole_number(env, "EXPORT_SLOTS", plain.export_slots),
        import_slots=whole_number(env, "IMPORT_SLOTS", plain.import_slots),
        retention_days=whole_number(env, "RETENTION_DAYS", plain.retention_days),
    )


def _lists(env: Mapping[str, str], name: str) -> dict[str, tuple[str, ...]]:
    return {key: tuple(values) for key, values in json_value(env, name, {}).items()}
