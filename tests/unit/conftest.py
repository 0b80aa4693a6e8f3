"""Fixtures of the unit tests: AWS is moto or a fake, never the network."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.dynamodb.models import dynamodb_backends

from tests.unit.moto_tables import create_tables

REGION = "us-east-1"
os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION=REGION,
    POWERTOOLS_METRICS_NAMESPACE="Towpath/FileTransfer",
    POWERTOOLS_SERVICE_NAME="file-transfer",
)
for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
    os.environ.pop(name, None)


@pytest.fixture(scope="session")
def moto_client() -> Iterator[Any]:
    """Making a client takes longer than most tests, so there is one."""
    with mock_aws():
        yield boto3.client("dynamodb", region_name=REGION)


@pytest.fixture
def dynamodb(moto_client: Any) -> Any:
    """A client on empty tables."""
    dynamodb_backends.reset()
    create_tables(moto_client)
    return moto_client
