"""The environment variables of the functions of file-transfer-analytics, read once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from shared.settings import text


@dataclass(frozen=True)
class AnalyticsSettings:
    """Names of the tables that are read, and of the delivery streams that their rows go to."""

    status_table: str = "FileTransferStatus"
    notification_table: str = "TransferNotificationLog"
    failure_table: str = "TransferFailureQueue"
    status_delivery: str = ""
    notification_delivery: str = ""
    failure_delivery: str = ""


def read_settings(environ: Mapping[str, str] | None = None) -> AnalyticsSettings:
    """Settings of this worker. Raises SettingError naming the variable that cannot be read."""
    env = os.environ if environ is None else environ
    plain = AnalyticsSettings()
    return AnalyticsSettings(
        status_table=text(env, "STATUS_TABLE", plain.status_table),
        notification_table=text(env, "NOTIFICATION_TABLE", plain.notification_table),
        failure_table=text(env, "FAILURE_TABLE", plain.failure_table),
        status_delivery=text(env, "STATUS_DELIVERY_STREAM", plain.status_delivery),
        notification_delivery=text(env, "NOTIFICATION_DELIVERY_STREAM", plain.notification_delivery),
        failure_delivery=text(env, "FAILURE_DELIVERY_STREAM", plain.failure_delivery),
    )
