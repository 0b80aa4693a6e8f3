"""Where a file goes: from a target's URI and path pattern to one bucket and key, checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from file_transfer.errors import Rejection
from file_transfer.settings import SftpTarget

KEY_BYTES = 1024
NEWEST_WINS = "newest-wins"
VERSIONED_NAME = "versioned-name"
#: SFTP knows no conditions: what is at the other side is replaced, or has a name that nothing else has.
CONNECTOR_OVERWRITES = (NEWEST_WINS, VERSIONED_NAME)

_TOKEN = re.compile(r"\{(customerId|yyyy|mm|dd|fileName|stem|ext)\}")
_BRIEF_SEGMENTS = {
    "customerId": "customerId",
    "YYYY": "yyyy",
    "MM": "mm",
    "DD": "dd",
    "fileName": "fileName",
}

_TYPES = {"s3": "S3", "sftp": "SFTP", "sftp-connector": "CONNECTOR"}

#: True when an object of this bucket and key would start a transfer itself.
WouldLoop = Callable[[str, str], bool]


@dataclass(frozen=True)
class TargetRule:
    """A target as a definition gives it."""

    id: str
    uri: str
    path_pattern: str = ""
    overwrite: str = NEWEST_WINS


@dataclass(frozen=True)
class Target:
    """A target of one transfer. `uri` is what people see, bucket and key are where the copy is put.

    Of a CONNECTOR target `bucket` is the connector and `key` the remote path without its leading slash.
    """

    id: str
    type: str
    bucket: str
    key: str
    uri: str
    overwrite: str = NEWEST_WINS
    attempts: int = 0

    def as_payload(self) -> dict[str, Any]:
        """What the copy step is given."""
        return dict(vars(self))


def split_name(name: str) -> tuple[str, str]:
    """(`stem`, `ext` without its dot); a name that only begins with a dot has no extension."""
    stem, dot, ext = name.rpartition(".")
    return (stem, ext) if dot and stem else (name, "")


def tokens(customer_id: str, name: str, arrival: str) -> dict[str, str]:
    """What the tokens of a pattern stand for. Dates are those of arrival, UTC."""
    stem, ext = split_name(name)
    yyyy, mm, dd = arrival[:10].split("-")
    return {
        "customerId": customer_id,
        "yyyy": yyyy,
        "mm": mm,
        "dd": dd,
        "fileName": name,
        "stem": stem,
        "ext": ext,
    }


def versioned(name: str, identity: str) -> str:
    """`report.csv` → `report.<id>.csv`: a name that only the same version can take."""
    stem, ext = split_name(name)
    return f"{stem}.{identity}.{ext}" if ext else f"{stem}.{identity}"


def target_type(uri: str) -> str:
    """S3, SFTP (one of our own servers) or CONNECTOR (somebody else's)."""
    return _TYPES[split_uri(uri)[0]]


def render(
    rule: TargetRule, values: Mapping[str, str], identity: str, sftp_targets: Mapping[str, SftpTarget]
) -> Target:
    """The target of one file. Raises Rejection INVALID_KEY or INVALID_DEFINITION."""
    scheme, authority, path = split_uri(rule.uri)
    if rule.overwrite == VERSIONED_NAME:
        values = {**values, "fileName": versioned(values["fileName"], identity)}
        values["stem"] = split_name(values["fileName"])[0]
    path = _fill(_whole_pattern(path, rule.path_pattern), values)
    return locate(rule.id, f"{scheme}://{_fill(authority, values)}/{path}", rule.overwrite, sftp_targets)


def locate(
    target_id: str, uri: str, overwrite: str, sftp_targets: Mapping[str, SftpTarget], attempts: int = 0
) -> Target:
    """The target behind a rendered URI. Raises Rejection INVALID_KEY or INVALID_DEFINITION."""
    scheme, authority, path = split_uri(uri)
    bucket, key = authority, path
    if scheme == "sftp":
        if authority not in sftp_targets:
            raise Rejection("INVALID_DEFINITION", f"target {target_id}: no SFTP server is known as {authority!r}")
        home = sftp_targets[authority]
        bucket, key = home.bucket, home.prefix + path
    problem = key_problem(key)
    if problem:
        raise Rejection("INVALID_KEY", f"target {target_id}: {problem}")
    return Target(target_id, _TYPES[scheme], bucket, key, uri, overwrite, attempts)


def short_uri(uri: str, name: str) -> str:
    """The folder, ending in "/", where the object is called like the file: what the status item holds."""
    return uri[: -len(name)] if uri.endswith(f"/{name}") else uri


def full_uri(uri: str, name: str) -> str:
    """The URI behind a short one; a pattern that ends in "/" gets the file name appended, here as in definitions."""
    return uri + name if uri.endswith("/") else uri


def split_uri(uri: str) -> tuple[str, str, str]:
    """(scheme, bucket or alias, path without its leading slash). Keys are raw: nothing is percent-decoded."""
    scheme, _, rest = uri.partition("://")
    authority, _, path = rest.partition("/")
    if scheme not in _TYPES or not authority:
        raise Rejection("INVALID_DEFINITION", f"{uri!r} is not an s3://, sftp:// or sftp-connector:// URI")
    return scheme, authority, path


def key_problem(key: str) -> str | None:
    """What is wrong with a target key, or None. Source of the length: Amazon S3 User Guide, object keys."""
    if not key:
        return "the key is empty"
    if key.startswith("/"):
        return "the key is absolute"
    if len(key.encode()) > KEY_BYTES:
        return f"the key has {len(key.encode())} bytes, S3 allows {KEY_BYTES}"
    if any(segment in ("", ".", "..") for segment in key.split("/")):
        return "the key has an empty, '.' or '..' segment"
    return None


def names_every_file(uri: str, path_pattern: str) -> bool:
    """False when the rule would put every file on one and the same key."""
    pattern = _whole_pattern(split_uri(uri)[2], path_pattern)
    return "{fileName}" in pattern or "{stem}" in pattern


def _whole_pattern(path: str, path_pattern: str) -> str:
    if path_pattern:
        path = f"{path.rstrip('/')}/{path_pattern.lstrip('/')}".lstrip("/")
    segments = path.split("/")
    path = "/".join(f"{{{_BRIEF_SEGMENTS[each]}}}" if each in _BRIEF_SEGMENTS else each for each in segments)
    return path + "{fileName}" if not path or path.endswith("/") else path


def _fill(pattern: str, values: Mapping[str, str]) -> str:
    """One pass, so that a file named like a token stays as it is."""
    return _TOKEN.sub(lambda found: values[found.group(1)], pattern)
