"""Which servers a protection group takes: those it names, and those that carry all of its tags. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from disaster_recovery.drs.answers import SourceServer
from shared.schemas import Problem

BY_ID, BY_TAGS = "ID", "TAGS"


@dataclass(frozen=True)
class Selected:
    """A server of a selection and why it is in it."""

    server: SourceServer
    by: tuple[str, ...]


def select(selection: Mapping[str, Any], servers: Iterable[SourceServer]) -> list[Selected]:
    """The servers that the selection takes, by id. Ids that are not among the servers are left out."""
    ids, tags = set(selection.get("sourceServerIds") or ()), selection.get("tags") or {}
    found = []
    for server in sorted(servers, key=lambda each: each.source_server_id):
        tagged = bool(tags) and all(server.tags.get(name) == value for name, value in tags.items())
        reasons = ((BY_ID, server.source_server_id in ids), (BY_TAGS, tagged))
        by = tuple(reason for reason, holds in reasons if holds)
        if by:
            found.append(Selected(server, by))
    return found


def unknown_ids(selection: Mapping[str, Any], servers: Iterable[SourceServer], path: str) -> list[Problem]:
    """The ids of the selection (at this path) that the account does not have."""
    known = {server.source_server_id for server in servers}
    return [
        Problem(f"{path}.sourceServerIds[{index}]", f"{server_id} is not a source server of the account")
        for index, server_id in enumerate(selection.get("sourceServerIds") or ())
        if server_id not in known
    ]


def foreign(servers: Iterable[tuple[str, SourceServer]], account_id: str) -> list[Problem]:
    """Servers (with the path that names each) whose ARN is of another account than the one asked."""
    found = []
    for path, server in servers:
        owner = account_of(server)
        if owner and account_id and owner != account_id:
            found.append(Problem(path, f"{server.source_server_id} is of the account {owner}, not {account_id}"))
    return found


def account_of(server: SourceServer) -> str:
    """The account in `arn:aws:drs:<region>:<account>:source-server/…`, empty where there is none."""
    parts = server.arn.split(":")
    return parts[4] if len(parts) > 5 else ""  # noqa: PLR2004
