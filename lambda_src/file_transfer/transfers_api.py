"""Lambda behind the API of file transfer, and behind direct invocations of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from file_transfer.api.routes import API
from file_transfer.api.settings import read_settings
from shared.api.application import Application
from shared.api.problems import ApiProblem
from shared.observe import logger

if TYPE_CHECKING:
    from file_transfer.api.services import Services


def make_application(services: Callable[[], Services], roles: Mapping[str, Iterable[str]]) -> Application:
    """The API; `services` is called with the first request that needs it."""
    return Application(API, services, roles, logger, _problem_of)


@cache
def application() -> Application:
    """Made with the first event and kept while the worker lives."""
    from file_transfer.api.wiring import services  # noqa: PLC0415  (only a worker needs clients)

    return make_application(services, read_settings().role_groups)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """An event of an HTTP API (payload 2.0) or `{"towpath": {…}}` (shared.api.direct_invocation) → its answer."""
    return application().handle(event, context)


def _problem_of(error: Exception) -> ApiProblem | None:
    from file_transfer.api.errors import problem_of  # noqa: PLC0415  (only when something failed)

    return problem_of(error)
