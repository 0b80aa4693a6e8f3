"""Requests to a system's API, from inside its virtual cloud."""

from __future__ import annotations

from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from local_cloud.virtual.clouds import VirtualCloud
from local_cloud.virtual.kernel import Killed
from shared.errors import TowpathError

#: An HTTP API waits no longer.
SECONDS = 29.0


def asked(cloud: VirtualCloud, function: str, work: Callable[[], object]) -> bool:
    """One request to the API's function, which may die like any other. True when it was carried out and answered."""
    try:
        cloud.functions.visit(function, SECONDS, work)
    except (Killed, TowpathError, BotoCoreError, ClientError):
        return False
    return True
