"""Lambda that makes jobs run, behind the API and behind direct invocations: start, retry, restore."""

from __future__ import annotations

from functools import cache
from typing import Any

from quicksight_migration.api.routes import START_API
from quicksight_migration.api.serving import make_application
from quicksight_migration.settings import read_settings
from shared.api.application import Application


@cache
def application() -> Application:
    """Made with the first event and kept while the worker lives."""
    from quicksight_migration.api.wiring import services  # noqa: PLC0415  (only a worker needs clients)

    return make_application(START_API, services, read_settings().role_groups)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """An event of an HTTP API (payload 2.0) or `{"towpath": {…}}` (shared.api.direct_invocation) → its answer."""
    return application().handle(event, context)
