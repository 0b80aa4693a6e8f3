"""Connectors on an empty table, whose items are as their schema says when a test ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from shared.dynamodb import from_item
from shared.schemas import problems
from tests.unit.file_transfer.connectors.world import SETTINGS, World


@pytest.fixture
def world(dynamodb: Any) -> Iterator[World]:
    world = World(dynamodb)
    yield world
    items = [from_item(each) for each in dynamodb.scan(TableName=SETTINGS.connector_table)["Items"]]
    assert [str(problem) for item in items for problem in problems("connector-transfer", item)] == []
