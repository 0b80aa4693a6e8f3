"""Every gap of ministack that the local cloud closes, in the order in which they are installed.

A gap is one module with `SYMBOLS`, the parts of ministack it depends on, and `install()`, which puts our behaviour in
their place. All symbols are verified before the first gap is installed, while everything is still ministack's own.
"""

from __future__ import annotations

import importlib
from typing import Protocol, cast

from local_cloud.symbols import PatchedSymbol, verify

GAPS = (
    "local_cloud.cloudwatch_query",
    "local_cloud.secure_transport",
    "local_cloud.permissions",
    "local_cloud.lambda_runtime.gap",
    "local_cloud.repeated_permissions",
    "local_cloud.eventbridge_delivery",
    "local_cloud.s3_snapshot",
    "local_cloud.s3_events",
    "local_cloud.s3_list_encoding",
    "local_cloud.s3_conditional_copy",
    "local_cloud.s3_managed_key",
    "local_cloud.s3_bodies",
    "local_cloud.s3_multipart",
    "local_cloud.s3_object_lock",
    "local_cloud.transfer_api",
    "local_cloud.connectors.gap",
    "local_cloud.sftp.listener",
    "local_cloud.sftp.provider_api",
    "local_cloud.firehose.gap",
    "local_cloud.ssm.gap",
    "local_cloud.http_api.gap",
    "local_cloud.websocket_api.gap",
    "local_cloud.cognito_passwords",
    "local_cloud.waf_logging",
    "local_cloud.log_filtering.gap",
    "local_cloud.cloudtrail_tags",
    "local_cloud.calls.capacity",
    "local_cloud.faults.messages",
    "local_cloud.faults.functions",
    "local_cloud.drs.service",
    "local_cloud.quicksight.service",
    "local_cloud.service_quotas.service",
    "local_cloud.traffic",
    "local_cloud.engines.pipes",
    "local_cloud.engines.states",
    "local_cloud.engines.streams",
    "local_cloud.engines.queue_mappings",
    "local_cloud.engines.async_invocations",
    "local_cloud.engines.function_metrics",
    "local_cloud.engines.metrics",
)


class Gap(Protocol):
    """What a gap module offers."""

    SYMBOLS: tuple[PatchedSymbol, ...]

    def install(self) -> None:
        """Replaces ministack's behaviour; called once, before the server takes requests."""


def load() -> list[Gap]:
    """Imports the gap modules."""
    return [cast(Gap, importlib.import_module(name)) for name in GAPS]


def install() -> list[str]:
    """Verifies and installs every gap; returns the names of the patched symbols."""
    gaps = load()
    symbols = [symbol for gap in gaps for symbol in gap.SYMBOLS]
    verify(symbols)
    for gap in gaps:
        gap.install()
    return sorted({str(symbol) for symbol in symbols})
