"""Lambda behind the API, and behind direct invocations of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from disaster_recovery.api.errors import problem_of
from disaster_recovery.api.routes import API
from disaster_recovery.api.services import Services
from disaster_recovery.settings import read_settings
from shared.api.application import Application
from shared.observe import logger


def make_application(services: Callable[[], Services], roles: Mapping[str, Iterable[str]]) -> Application:
    """The API; `services` is called with the first request that needs it."""
    return Application(API, services, roles, logger, problem_of)


@cache
def application() -> Application:
    """Made with the first event and kept while the worker lives."""
    from disaster_recovery.api.wiring import services  # noqa: PLC0415  (only a worker needs clients)

    return make_application(services, read_settings().role_groups)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """An event of an HTTP API (payload 2.0) or `{"towpath": {…}}` (shared.api.direct_invocation) → its answer."""
    return application().handle(event, context)
