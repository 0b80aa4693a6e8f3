"""AWS clients, made when first used and kept for the life of the worker.

Timeouts are short and retries few: a handler that hangs holds a lease, and the queue retries better than a
socket does.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.client import BaseClient

CONNECT_TIMEOUT_SECONDS = 2
READ_TIMEOUT_SECONDS = 10
COPY_READ_TIMEOUT_SECONDS = 120
ATTEMPTS = 3
#: Connections that botocore keeps for a client unless it is told otherwise, and those for the parts of one large copy.
CONNECTIONS = 10
PART_CONNECTIONS = 32


class Clients:
    """The clients a handler may use; a test hands the logic its own objects instead."""

    @cached_property
    def s3(self) -> BaseClient:
        """For HEAD and listings."""
        return client("s3", READ_TIMEOUT_SECONDS, ATTEMPTS)

    @cached_property
    def s3_copy(self) -> BaseClient:
        """For copies: never retried by the SDK, since a lost answer must be looked into before a second try."""
        return client("s3", COPY_READ_TIMEOUT_SECONDS, 1)

    @cached_property
    def s3_parts(self) -> BaseClient:
        """For parts of multipart copies: many at a time, and made again without harm."""
        return client("s3", COPY_READ_TIMEOUT_SECONDS, ATTEMPTS, PART_CONNECTIONS)

    @cached_property
    def dynamodb(self) -> BaseClient:
        """For all tables."""
        return client("dynamodb", READ_TIMEOUT_SECONDS, ATTEMPTS)

    @cached_property
    def sns(self) -> BaseClient:
        """For notifications."""
        return client("sns", READ_TIMEOUT_SECONDS, ATTEMPTS)

    @cached_property
    def sqs(self) -> BaseClient:
        """For orders and other messages."""
        return client("sqs", READ_TIMEOUT_SECONDS, ATTEMPTS)


#: boto3 makes clients in one session, which two threads must not do at a time (Boto3 guide, Session).
_MAKING = RLock()


class LazyClient:
    """A boto3 client that is made with its first call: most requests need one service or two, not all."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    @cached_property
    def _client(self) -> Any:
        with _MAKING:
            return self._make()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


def client(
    service: str,
    read_timeout: int = READ_TIMEOUT_SECONDS,
    attempts: int = ATTEMPTS,
    connections: int = CONNECTIONS,
    **session: str,
) -> Any:
    """A boto3 client. `session` names what differs from the worker's own: region_name, credentials of a role."""
    import boto3  # noqa: PLC0415  (110 ms of import that a warm worker pays once and a test not at all)
    from botocore.config import Config  # noqa: PLC0415

    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=read_timeout,
        max_pool_connections=connections,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )
    return boto3.client(service, config=config, **session)
