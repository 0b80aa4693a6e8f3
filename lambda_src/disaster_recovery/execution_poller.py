"""Lambda that polls one execution. Invoked by the finder, without waiting: what fails is polled again next minute."""

from __future__ import annotations

from functools import cache
from typing import Any

from disaster_recovery.machine.aws_tools import make_tools
from disaster_recovery.machine.tools import Tools
from disaster_recovery.settings import read_settings
from disaster_recovery.watch.polling import TICK, poll
from shared.observe import count, logger


@cache
def tools() -> Tools:
    """Made with the first poll and kept while the worker lives."""
    return make_tools(read_settings(), count)


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """`{"executionId", "reason"}` → `{"executionId", "status"}`."""
    execution_id, reason = str(event["executionId"]), str(event.get("reason") or TICK)
    logger.clear_state()
    logger.append_keys(executionId=execution_id, reason=reason)
    status = poll(tools(), execution_id, reason)
    logger.info("polled", status=status)
    return {"executionId": execution_id, "status": status}
