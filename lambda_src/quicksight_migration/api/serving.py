"""The application of each of the two functions behind the API."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from quicksight_migration.api.errors import problem_of
from quicksight_migration.api.services import Services
from shared.api.application import Application
from shared.api.routes import Api
from shared.observe import logger


def make_application(api: Api, services: Callable[[], Services], roles: Mapping[str, Iterable[str]]) -> Application:
    """Serves the routes of `api`; `services` is called with the first request that needs it."""
    return Application(api, services, roles, logger, problem_of)
