"""How the answers look: as the service model wants them, or as the live service was seen to give them.

Seen: times end in `+00:00` where the model's pattern wants `Z`, and the job log knows LAUNCH_END, which is not in the
model's enumeration.
"""

from __future__ import annotations

import re
from typing import Any

from local_cloud.aws_models.models import model_of
from local_cloud.drs.state import Fidelity
from shared.model_checks import Deviations

TIME = "ISO8601DatetimeString"
_OFFSET = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")
OBSERVED: Deviations = {
    TIME: lambda text: _OFFSET.fullmatch(text) is not None,
    "JobLogEvent": lambda text: text == "LAUNCH_END",
}


def deviations(fidelity: Fidelity) -> Deviations:
    """Which values outside the model are fine."""
    return OBSERVED if fidelity == "observed" else {}


def dressed(fidelity: Fidelity, operation: str, answer: dict[str, Any]) -> dict[str, Any]:
    """The answer with its times written as this mode has them."""
    shape = model_of("drs").operation_model(operation).output_shape
    if fidelity == "model" or shape is None:
        return answer
    found: dict[str, Any] = _dress(shape, answer)
    return found


def _dress(shape: Any, value: Any) -> Any:
    if shape.name == TIME:
        return f"{value.removesuffix('Z')}+00:00"
    if shape.type_name == "structure":
        return {
            name: _dress(shape.members[name], each) if name in shape.members else each for name, each in value.items()
        }
    if shape.type_name == "list":
        return [_dress(shape.member, each) for each in value]
    return value
