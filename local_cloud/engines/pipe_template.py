"""Input templates of EventBridge Pipes.

Rules as documented under "Amazon EventBridge Pipes input transformation": `<$.path>` is replaced by the value at that
JSON path of the event, `<aws.pipes.…>` by a fact about the pipe. Inside quotes the value's text is inserted, outside
its JSON. A body that is JSON text can be looked into (implicit body parsing).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from typing import Any

_PLACEHOLDER = re.compile(r"<(\$[^<>]*|aws\.pipes\.[a-z.-]+)>")
_STEP = re.compile(r"\[(\d+|'[^']*'|\"[^\"]*\")\]|\.?([^.\[\]]+)")
_PIPE_FACTS = {
    "aws.pipes.pipe-arn": "Arn",
    "aws.pipes.pipe-name": "Name",
    "aws.pipes.source-arn": "Source",
    "aws.pipes.enrichment-arn": "Enrichment",
    "aws.pipes.target-arn": "Target",
}


def render(template: str, record: dict[str, Any], pipe: Mapping[str, Any]) -> Any:
    """The event that the template makes of one record: decoded JSON, or text when it is not JSON."""
    text, end, quoted = "", 0, False
    for found in _PLACEHOLDER.finditer(template):
        literal = template[end : found.start()]
        quoted ^= len(re.findall(r'(?<!\\)"', literal)) % 2 == 1
        text += literal + _insert(_value(found[1], record, pipe), quoted)
        end = found.end()
    text += template[end:]
    try:
        return json.loads(text)
    except ValueError:
        return text


def with_parsed_body(record: dict[str, Any]) -> dict[str, Any]:
    """The record as paths and filters see it: a body that is JSON text is its value."""
    try:
        return {**record, "body": json.loads(record["body"])}
    except (KeyError, TypeError, ValueError):
        return record


def _insert(value: Any, quoted: bool) -> str:
    if not quoted:
        return json.dumps(value)
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value)
    return json.dumps(text)[1:-1]


def _value(name: str, record: dict[str, Any], pipe: Mapping[str, Any]) -> Any:
    if name in _PIPE_FACTS:
        return pipe.get(_PIPE_FACTS[name])
    if name == "aws.pipes.event.ingestion-time":
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    if name == "aws.pipes.event":
        return with_parsed_body(record)
    if name == "aws.pipes.event.json":
        return json.dumps(record)
    return _at_path(name, with_parsed_body(record))


def _at_path(path: str, value: Any) -> Any:
    for index, name in _STEP.findall(path[1:]):
        step = name or index.strip("'\"")
        if isinstance(value, list) and step.isdigit():
            value = value[int(step)] if int(step) < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value
