"""QuickSight's service model as botocore ships it: documents of bundles spelt as the API spells them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any


@cache
def model() -> Any:
    """The service model. Half a second to load, once a worker."""
    import botocore.session  # noqa: PLC0415  (only what reads shapes pays for it)

    return botocore.session.get_session().get_service_model("quicksight")


@cache
def shape(name: str) -> Any:
    """A shape of the model by its name."""
    return model().shape_for(name)


def as_described(shape_: Any, value: Any) -> Any:
    """The value with its members spelt as the shape spells them: `dataSetArn` → `DataSetArn`.

    Keys of maps are data and stay. Members that the model does not know stay as they are: a bundle may be newer than
    our model, and what it holds is not for us to drop.
    """
    if isinstance(value, Mapping) and shape_.type_name == "structure":
        members = _members(shape_.name)
        spelt = {str(key): members.get(str(key).lower(), str(key)) for key in value}
        return {
            spelt[key]: as_described(shape_.members[spelt[key]], each) if spelt[key] in shape_.members else each
            for key, each in value.items()
        }
    if isinstance(value, Mapping) and shape_.type_name == "map":
        return {str(key): as_described(shape_.value, each) for key, each in value.items()}
    if isinstance(value, list | tuple) and shape_.type_name == "list":
        return [as_described(shape_.member, each) for each in value]
    return value


@cache
def _members(shape_name: str) -> dict[str, str]:
    return {member.lower(): member for member in shape(shape_name).members}
