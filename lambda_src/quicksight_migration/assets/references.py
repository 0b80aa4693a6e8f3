"""Which other assets a document names: by ARN, in members made for ARNs; text that only looks like one is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from quicksight_migration.assets.types import Asset, parse_arn

#: Members that hold ARNs without depending on what they name.
NOT_NEEDED = frozenset({"sourceentityarn", "linkentities", "excludeddatasetarns"})


def references(document: Any) -> set[Asset]:
    """The assets that the document needs; members may be spelt as in bundles or as in answers of the API."""
    return {asset for arn in _arns(document, "") if (asset := _asset(arn)) is not None}


def _arns(value: Any, name: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            if str(key).lower() not in NOT_NEEDED:
                yield from _arns(each, str(key).lower())
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _arns(each, name)
    elif isinstance(value, str) and name.endswith(("arn", "arns")):
        yield value


def _asset(arn: str) -> Asset | None:
    try:
        return parse_arn(arn)[0]
    except ValueError:
        return None
