"""From what an SFTP client asks for to a place in S3, as the user's home directory settings say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Location:
    """A place in S3. `bucket` is empty above all buckets; `key` is empty at the top of one, and never starts with /."""

    bucket: str
    key: str

    @property
    def folder(self) -> str:
        """The key prefix of what is inside this place."""
        return f"{self.key}/" if self.key else ""


def normalise(path: str, home: str = "/") -> str:
    """An absolute path without `.`, `..`, doubled or trailing slashes; `..` stops at the root."""
    parts: list[str] = []
    for part in (path if path.startswith("/") else f"{home}/{path}").split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def home_of(user: Mapping[str, Any]) -> str:
    """Where a session starts: the root of a LOGICAL home, else the configured directory."""
    if user.get("HomeDirectoryType") == "LOGICAL":
        return "/"
    return normalise(user.get("HomeDirectory") or "/")


def mappings_of(user: Mapping[str, Any]) -> dict[str, str]:
    """Visible path → `/bucket/prefix` of a LOGICAL home, with `${transfer:UserName}` filled in."""
    name = user["UserName"]
    return {
        normalise(entry["Entry"]): normalise(entry["Target"].replace("${transfer:UserName}", name))
        for entry in user.get("HomeDirectoryMappings") or []
    }


def locate(user: Mapping[str, Any], path: str) -> Location | None:
    """The place behind a visible path, or None when the user's mappings do not reach it.

    The longest mapping that is the path or a folder above it decides. Without a LOGICAL home, paths name bucket and
    key themselves; what the user may touch there is the role's business.
    """
    visible = normalise(path, home_of(user))
    if user.get("HomeDirectoryType") != "LOGICAL":
        return split(visible)
    mappings = mappings_of(user)
    above = [entry for entry in mappings if f"{visible}/".startswith(entry if entry == "/" else f"{entry}/")]
    if not above:
        return None
    entry = max(above, key=len)
    return split(normalise(f"{mappings[entry]}/{visible.removeprefix(entry)}"))


def virtual_children(user: Mapping[str, Any], path: str) -> set[str]:
    """Names directly under a path that exist only because a mapping lies below it."""
    if user.get("HomeDirectoryType") != "LOGICAL":
        return set()
    folder = normalise(path).rstrip("/") + "/"
    below = [entry for entry in mappings_of(user) if entry.startswith(folder) and entry != folder]
    return {entry.removeprefix(folder).split("/")[0] for entry in below}


def split(path: str) -> Location:
    """The place that `/bucket/key` names."""
    bucket, _, key = path[1:].partition("/")
    return Location(bucket, key)
