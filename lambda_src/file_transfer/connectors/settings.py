"""What the module file-transfer-connectors tells its functions."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.settings import json_value, text, whole_number


@dataclass(frozen=True)
class ConnectorSettings:
    """Names, limits in counts, times in seconds. `connectors` maps each alias to its connector's id.

    `exchange_bucket` is what connectors read from and write to; `landing_bucket` is where fetched files arrive.
    """

    connector_table: str = "ConnectorTransfer"
    workflow_table: str = "WorkflowDefinition"
    connectors: Mapping[str, str] = field(default_factory=dict)
    exchange_bucket: str = ""
    landing_bucket: str = ""
    intake_queue_url: str = ""
    connector_queue_url: str = ""
    events_queue_url: str = ""
    max_pending: int = 900
    look_seconds: int = 300
    unconfirmed_seconds: int = 600
    timeout_seconds: int = 64800
    memory_days: int = 90

    def alias_of(self, connector_id: str) -> str:
        """The alias of a connector's id, "" when it is not one of ours."""
        return next((alias for alias, each in self.connectors.items() if each == connector_id), "")


def read_settings(environ: Mapping[str, str] | None = None) -> ConnectorSettings:
    """Settings of this worker. Raises SettingError naming the variable that cannot be read."""
    env = os.environ if environ is None else environ
    plain = ConnectorSettings()
    return ConnectorSettings(
        connector_table=text(env, "CONNECTOR_TABLE", plain.connector_table),
        workflow_table=text(env, "WORKFLOW_TABLE", plain.workflow_table),
        connectors=json_value(env, "CONNECTOR_IDS", {}),
        exchange_bucket=text(env, "EXCHANGE_BUCKET", ""),
        landing_bucket=text(env, "LANDING_BUCKET", ""),
        intake_queue_url=text(env, "INTAKE_QUEUE_URL", ""),
        connector_queue_url=text(env, "CONNECTOR_QUEUE_URL", ""),
        events_queue_url=text(env, "CONNECTOR_EVENTS_QUEUE_URL", ""),
        max_pending=whole_number(env, "MAX_PENDING", plain.max_pending),
        look_seconds=whole_number(env, "LOOK_SECONDS", plain.look_seconds),
        unconfirmed_seconds=whole_number(env, "UNCONFIRMED_SECONDS", plain.unconfirmed_seconds),
        timeout_seconds=whole_number(env, "TIMEOUT_SECONDS", plain.timeout_seconds),
        memory_days=whole_number(env, "MEMORY_DAYS", plain.memory_days),
    )
