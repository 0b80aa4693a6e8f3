"""What file transfer adds to the shared logger: every line says which transfer it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.observe import count, logger, new_metrics, service_name

__all__ = ["count", "log_keys", "logger", "new_metrics", "service_name"]


def log_keys(transfer: Mapping[str, Any]) -> None:
    """Every later line of this invocation says which transfer it is about."""
    logger.clear_state()
    logger.append_keys(transferId=transfer.get("id"), customerId=transfer.get("customerId"))
