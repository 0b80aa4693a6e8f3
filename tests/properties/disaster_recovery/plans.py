"""Plans and inventories for the virtual cloud."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

ACCOUNT, REGION = "123456789012", "eu-west-1"


def server_id(number: int) -> str:
    """`s-` and 17 digits, as DRS names source servers."""
    return f"s-{number:017d}"


def inventory(servers: int, **quotas: int) -> dict[str, Any]:
    """So many replicating servers, named host-0, host-1, …"""
    listed = [{"sourceServerID": server_id(number), "hostname": f"host-{number}"} for number in range(servers)]
    return {"account": ACCOUNT, "region": REGION, "servers": listed, "quotas": quotas}


def wave(name: str, numbers: Sequence[int], optional: Sequence[int] = (), **fields: Any) -> dict[str, Any]:
    """A wave of servers by number; those in `optional` are not critical."""
    servers = [
        {"sourceServerId": server_id(each), "criticality": "OPTIONAL" if each in optional else "CRITICAL"}
        for each in numbers
    ]
    return {"name": name, "servers": servers, **fields}


def plan(*waves: dict[str, Any], name: str = "shop", **fields: Any) -> dict[str, Any]:
    """A plan whose waves run one after the other."""
    return {"name": name, "waves": list(waves), **fields}


def simple(*sizes: int, **fields: Any) -> dict[str, Any]:
    """A plan with waves of these sizes, over servers 0, 1, 2, …"""
    waves, start = [], 0
    for number, size in enumerate(sizes, start=1):
        waves.append(wave(f"wave {number}", range(start, start + size), **fields))
        start += size
    return plan(*waves)
