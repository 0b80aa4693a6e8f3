"""The content of an Automation document: parameters, steps, and what may stand in them.

Schema 0.3 as in "Data elements and parameters" and "Automation actions reference" of the Systems Manager user guide.
What is not simulated is refused when the document is made, and not when disaster has struck.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from local_cloud.aws_models.errors import ApiError

ACTIONS = ("aws:sleep", "aws:pause", "aws:invokeLambdaFunction")
_VARIABLE = re.compile(r"\{\{\s*([\w.:-]+)\s*\}\}")
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
Values = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One step of `mainSteps`; `following` is None at the end, `on_failure` "Abort", "Continue" or a step's name."""

    name: str
    action: str
    inputs: Values
    on_failure: str = "Abort"
    following: str | None = None
    attempts: int = 1
    timeout: float | None = None


@dataclass(frozen=True)
class Runbook:
    """A document that can be run."""

    parameters: dict[str, Values]
    steps: dict[str, Step]
    role: str | None = None
    description: str = ""
    outputs: list[str] = field(default_factory=list)


def parse(content: str) -> Runbook:
    """The runbook in a document's content, JSON. Raises ApiError InvalidDocumentContent or …SchemaVersion."""
    try:
        document = json.loads(content)
    except ValueError:
        raise ApiError("InvalidDocumentContent", "The content of the document is not valid JSON.") from None
    if not isinstance(document, dict) or document.get("schemaVersion") != "0.3":
        raise ApiError("InvalidDocumentSchemaVersion", "An Automation document has the schemaVersion 0.3.")
    written = document.get("mainSteps")
    if not isinstance(written, list) or not written:
        raise ApiError("InvalidDocumentContent", "mainSteps must be a list of at least one step.")
    names = [step.get("name") for step in written]
    after = [*names[1:], None]
    steps = [_step(step, following) for step, following in zip(written, after, strict=True)]
    if len(set(names)) != len(names):
        raise ApiError("InvalidDocumentContent", "Two steps have the same name.")
    for target in [step.following for step in steps if step.following] + [_target(step) for step in steps]:
        if target and target not in names:
            raise ApiError("InvalidDocumentContent", f"There is no step {target}.")
    return Runbook(
        parameters=document.get("parameters") or {},
        steps={step.name: step for step in steps},
        role=document.get("assumeRole"),
        description=document.get("description", ""),
        outputs=document.get("outputs") or [],
    )


def _step(step: Values, following: str | None) -> Step:
    name, action = step.get("name", ""), step.get("action", "")
    if not re.fullmatch(r"[a-zA-Z0-9_]{3,128}", name):
        raise ApiError("InvalidDocumentContent", f"Not a name of a step: {name!r}.")
    if action not in ACTIONS:
        raise ApiError("InvalidDocumentContent", f"Step {name}: {action} is not one of {', '.join(ACTIONS)}.")
    return Step(
        name=name,
        action=action,
        inputs=step.get("inputs") or {},
        on_failure=step.get("onFailure", "Abort"),
        following=None if step.get("isEnd") else step.get("nextStep", following),
        attempts=int(step.get("maxAttempts", 1)),
        timeout=float(step["timeoutSeconds"]) if "timeoutSeconds" in step else None,
    )


def _target(step: Step) -> str | None:
    return step.on_failure.removeprefix("step:") if step.on_failure.startswith("step:") else None


def bind(runbook: Runbook, given: dict[str, list[str]]) -> Values:
    """The values of all parameters. Raises ApiError InvalidAutomationExecutionParametersException."""
    unknown = given.keys() - runbook.parameters.keys()
    if unknown:
        raise _refused(f"Parameters {', '.join(sorted(unknown))} are not defined in the document")
    values: Values = {}
    for name, declared in runbook.parameters.items():
        if name not in given and "default" not in declared:
            raise _refused(f"Parameter {name} is required and was not given")
        value = given.get(name, declared.get("default"))
        several = declared.get("type") in ("StringList", "MapList")
        values[name] = value if several or not isinstance(value, list) else value[0]
        allowed = declared.get("allowedValues")
        if allowed and values[name] not in allowed:
            raise _refused(f"{values[name]!r} is not an allowed value of parameter {name}")
    return values


def _refused(message: str) -> ApiError:
    return ApiError("InvalidAutomationExecutionParametersException", f"{message}.")


def filled(value: Any, values: Values) -> Any:
    """`value` with each `{{ name }}` replaced; a text that is one variable and nothing else takes the value's type."""
    if isinstance(value, dict):
        return {name: filled(each, values) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, values) for each in value]
    if not isinstance(value, str):
        return value
    lone = _VARIABLE.fullmatch(value.strip())
    if lone:
        return values.get(lone[1], value)
    return _VARIABLE.sub(lambda found: str(values.get(found[1], found[0])), value)


def seconds_of(duration: str) -> float:
    """Seconds of an ISO 8601 duration, such as PT10M. Raises ValueError."""
    found = _DURATION.fullmatch(duration)
    if not found or not any(found.groups()):
        raise ValueError(f"not an ISO 8601 duration: {duration!r}")
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
