"""Recovery plans as files: read, checked, written, and told apart from what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from disaster_recovery.plans.validation import plan_problems
from shared.clock import utc_now
from shared.schemas import Problem
from shared.schemas import load as load_schema
from towpath import yaml_files
from towpath.errors import Invalid
from towpath.yaml_files import Located, load

Document = dict[str, Any]


def read_plan(file: Path) -> Located:
    """A plan without any problem that its document alone shows. Raises Invalid with the line and path of each."""
    located = load(file)
    found = plan_problems(located.value, utc_now())
    if found:
        raise refused(located, found)
    return located


def refused(located: Located, found: list[Problem]) -> Invalid:
    """The error that names each problem's line."""
    return yaml_files.refused(located, found, "plan")


def document_of(stored: Mapping[str, Any]) -> Document:
    """The plan's document in a stored plan: without what the system added (id, version, dates)."""
    own = load_schema("recovery-plan")["properties"]
    return {name: value for name, value in stored.items() if name in own}


def as_yaml(document: Mapping[str, Any]) -> str:
    """A plan file, its members in the order of the schema."""
    order = {name: position for position, name in enumerate(load_schema("recovery-plan")["properties"])}
    ordered = dict(sorted(document.items(), key=lambda pair: order.get(pair[0], len(order))))
    return yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True, width=120)
