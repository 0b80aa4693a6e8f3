"""Between the requests of the API and the documents of a bundle.

A bundle has an asset as the request that would create it, its members spelt with a small first letter; of names that
begin with several capitals all of these are small: `kpivisual`, `qbusinessInsightsStatus`, as seen in bundles of the
live service. Reading ignores case: no two members of a shape differ by case alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from local_cloud.aws_models.models import model_of
from local_cloud.aws_models.values import from_json
from local_cloud.quicksight.kinds import Kind, arn_of, key_in
from shared.model_checks import problems

SERVICE = "quicksight"
# Members that hold ARNs of what an asset does not depend on.
NOT_NEEDED = frozenset({"linkentities", "excludeddatasetarns", "sourceentityarn", "folderarns"})
_CAPITALS = re.compile(r"\A[A-Z]+")
_SPELT = {"VPCConnectionId": "vpcConnectionId"}


def small(name: str) -> str:
    """How a bundle spells a member."""
    return _SPELT.get(name) or _CAPITALS.sub(lambda found: found[0].lower(), name, count=1)


@cache
def create_shape(kind: Kind) -> Any:
    """The shape of the request that creates an asset."""
    return model_of(SERVICE).operation_model(f"Create{kind.noun}").input_shape


@cache
def shape(name: str) -> Any:
    """A shape of the model, by its name."""
    return model_of(SERVICE).shape_for(name)


def to_bundle(shape: Any, value: Any) -> Any:
    """A JSON value of the API as a bundle spells it; keys of maps are data and stay."""
    if shape.type_name == "structure":
        return {small(name): to_bundle(shape.members[name], each) for name, each in value.items()}
    if shape.type_name == "list":
        return [to_bundle(shape.member, each) for each in value]
    if shape.type_name == "map":
        return {name: to_bundle(shape.value, each) for name, each in value.items()}
    return value


def from_bundle(shape: Any, value: Any) -> Any:
    """The JSON value of the API for one of a bundle; what the shape does not know keeps its name."""
    if shape.type_name == "structure" and isinstance(value, dict):
        names = _by_small_name(shape)
        found = {names.get(name.lower(), name): each for name, each in value.items()}
        return {
            name: from_bundle(shape.members[name], each) if name in shape.members else each
            for name, each in found.items()
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [from_bundle(shape.member, each) for each in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {name: from_bundle(shape.value, each) for name, each in value.items()}
    return value


@cache
def _by_small_name(shape: Any) -> dict[str, str]:
    return {name.lower(): name for name in shape.members}


def faults_of(shape: Any, value: Any) -> list[str]:
    """What the model does not allow in a JSON value."""
    return list(problems(shape, from_json(shape, value)))


def references(request: Any) -> list[str]:
    """Keys of the assets that a request, or a document, needs; each once, in the order in which they are named."""
    return list(dict.fromkeys(found[0] for arn in _arns(request, "") if (found := key_in(arn)) is not None))


def _arns(value: Any, name: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for member, each in value.items():
            if member.lower() not in NOT_NEEDED:
                yield from _arns(each, member.lower())
    elif isinstance(value, list):
        for each in value:
            yield from _arns(each, name)
    elif isinstance(value, str) and _names_arns(name):
        yield value


def _names_arns(member: str) -> bool:
    return member.endswith(("arn", "arns", "linkentities"))


def moved(value: Any, account: str, region: str, renamed: Callable[[str], str], name: str = "") -> Any:
    """The value with its ARNs of assets in another account and Region, each asset's key renamed."""
    if isinstance(value, dict):
        return {member: moved(each, account, region, renamed, member.lower()) for member, each in value.items()}
    if isinstance(value, list):
        return [moved(each, account, region, renamed, name) for each in value]
    if not isinstance(value, str) or not _names_arns(name):
        return value
    found = key_in(value)
    return value if found is None else arn_of(renamed(found[0]), account, region)
