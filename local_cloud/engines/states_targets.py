"""What a state machine ARN stands for: the machine itself, a published version, or an alias that routes to versions."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ministack.services import stepfunctions as engine


@dataclass(frozen=True)
class Target:
    """The machine to run: `arn` is the state machine's own, without version or alias."""

    arn: str
    name: str
    definition: str
    role_arn: str
    express: bool
    logging: dict[str, Any]

    @property
    def machine(self) -> dict[str, Any]:
        """The decoded definition; shared, never to be changed."""
        return _decoded(self.definition)


def find(arn: str) -> Target | None:
    """The target of an ARN in the account and region of the request, or None."""
    alias = engine._state_machine_aliases.get(arn)
    if alias:
        routes = alias["routingConfiguration"]
        chosen = random.choices(routes, [route["weight"] for route in routes])[0]
        arn = chosen["stateMachineVersionArn"]
    version = engine._state_machine_versions.get(arn) or {}
    machine = engine._state_machines.get(version.get("stateMachineArn", arn))
    if machine is None:
        return None
    source = {**machine, **version}
    return Target(
        arn=machine["stateMachineArn"],
        name=machine["name"],
        definition=source["definition"],
        role_arn=source["roleArn"],
        express=machine["type"] == "EXPRESS",
        logging=source.get("loggingConfiguration") or {},
    )


@lru_cache(maxsize=64)
def _decoded(definition: str) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(definition)
    return decoded
