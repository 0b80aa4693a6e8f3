"""What the functions of large files work with, made with the first invocation and kept while the worker lives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from botocore.exceptions import BotoCoreError, ClientError

from file_transfer.copying.multipart import Multipart
from file_transfer.copying.placing import Placing
from file_transfer.intake.source import SourceReader
from file_transfer.large_files.settings import read_settings
from file_transfer.large_files.steps import Steps
from file_transfer.large_files.uploads import Uploads
from shared.aws_errors import classify
from shared.clients import Clients
from shared.clock import utc_now


@cache
def steps() -> Steps:
    """The steps with the clients of this worker."""
    settings, clients = read_settings(), Clients()
    return Steps(
        settings,
        Multipart(clients.s3_copy, clients.s3_parts),
        Placing(SourceReader(clients.s3)),
        Uploads(clients.dynamodb, settings.control_table, settings.upload_days, utc_now),
    )


@contextmanager
def taxonomy(doing: str) -> Iterator[None]:
    """What botocore still raises becomes an error that the state machine knows."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise classify(error, doing) from error
