"""What an API consists of, as data: the resolver, the OpenAPI document and the command line are made from it.

Endpoints and schemas are named and not imported, so that reading the table costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

PLACEHOLDER = re.compile(r"{(\w+)}")
JSON = "application/json"


@dataclass(frozen=True)
class Parameter:
    """One query parameter: text, or a whole number where `minimum` is set."""

    name: str
    description: str
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    default: int | str | None = None
    max_length: int = 2048

    def schema(self) -> dict[str, Any]:
        """Its JSON Schema."""
        if self.minimum is not None:
            schema: dict[str, Any] = {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}
        elif self.choices:
            schema = {"type": "string", "enum": list(self.choices)}
        else:
            schema = {"type": "string", "maxLength": self.max_length}
        return schema if self.default is None else {**schema, "default": self.default}


@dataclass(frozen=True)
class Route:
    """One operation.

    endpoint     `module:function`; called with a Request and the system's services, returns an Answer.
    permissions  any one of them lets a principal in; the endpoint asks for more where it depends on the thing.
    body, answer names of schemas as shared.schemas takes them; no body means that none is read.
    versioned    needs If-Match with the version that is changed.
    once         takes an Idempotency-Key.
    refusals     statuses of problems beside those that every operation can answer.
    endpoint_checks_body  the schema is checked by the endpoint, together with what no schema can say, so that all
                          errors are told at once.
    """

    method: str
    path: str
    name: str
    summary: str
    permissions: tuple[str, ...]
    endpoint: str
    answer: str = ""
    body: str = ""
    success: int = 200
    query: tuple[Parameter, ...] = ()
    versioned: bool = False
    once: bool = False
    refusals: tuple[int, ...] = ()
    media_types: tuple[str, ...] = (JSON,)
    endpoint_checks_body: bool = False

    @property
    def rule(self) -> str:
        """The path as Powertools writes it: `/plans/<planId>`."""
        return PLACEHOLDER.sub(r"<\1>", self.path)

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names in the path."""
        return tuple(PLACEHOLDER.findall(self.path))

    def load(self) -> Callable[[Any, Any], Any]:
        """The endpoint. Raises ImportError or AttributeError when the table names what does not exist."""
        module, _, function = self.endpoint.partition(":")
        found: Callable[[Any, Any], Any] = getattr(import_module(module), function)
        return found


@dataclass(frozen=True)
class Api:
    """A system's API. `path_patterns`: what each placeholder must look like; anything else is not found."""

    title: str
    description: str
    version: str
    routes: tuple[Route, ...]
    path_patterns: Mapping[str, str] = field(default_factory=dict)
    permissions: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


def page_parameters(default: int, maximum: int) -> tuple[Parameter, Parameter]:
    """The two parameters of every list."""
    return (
        Parameter("limit", "At most so many items.", minimum=1, maximum=maximum, default=default),
        Parameter("cursor", "`nextCursor` of the page before."),
    )
