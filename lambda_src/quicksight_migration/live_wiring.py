"""The parts of live updates with the clients of a worker."""

from __future__ import annotations

from quicksight_migration.settings import Settings
from shared.clients import client
from shared.live.connections import Connections
from shared.live.posting import Poster

#: API Gateway takes a post at once or not at all.
POST_SECONDS = 3
ONE_ATTEMPT = 1


def connections(settings: Settings) -> Connections:
    """The live table."""
    return Connections(client("dynamodb"), settings.live_table)


def poster(settings: Settings) -> Poster:
    """The management API of the stage that clients are connected to."""
    url = settings.live_callback_url
    gateway = client("apigatewaymanagementapi", POST_SECONDS, ONE_ATTEMPT, endpoint_url=url)
    return Poster(gateway, connections(settings))
