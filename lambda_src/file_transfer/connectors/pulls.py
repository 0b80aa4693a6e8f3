"""Which files of a remote folder are fetched, and when. Pure.

A remote server sends no events and its files have no versions: a file is known by path, size and time. What was seen,
fetched and landed is remembered per workflow; each listing is compared with that memory and moves it on, so whatever
was lost in between is made up for by the next listing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from file_transfer.connectors.events import is_true
from file_transfer.connectors.sends import camel, line_of
from file_transfer.errors import Rejection
from file_transfer.intake.taking import IGNORED_ENDINGS
from file_transfer.records.identity import ID_DIGITS, key_part
from file_transfer.workflows import patterns
from file_transfer.workflows.sections import expanded
from file_transfer.workflows.targets import key_problem
from shared.canonical import sha256_hex
from shared.clock import parse, stamp
from shared.schemas import problems

SEEN, FETCHING, LANDED = "SEEN", "FETCHING", "LANDED"
KEEP, MOVE, DELETE = "KEEP", "MOVE", "DELETE"
PULL_KIND = "PULL"
DEFAULT_SETTLE_SECONDS, DEFAULT_INTERVAL_MINUTES = 60, 5
#: A file is taken away only on what a listing says that is no older, or it might be another one by now.
FRESH = timedelta(minutes=5)
#: How long a move or a deletion that was asked for is given.
CLEAN_AGAIN = timedelta(minutes=10)


@dataclass(frozen=True)
class PullRule:
    """The section `pull` of a workflow's definition."""

    workflow_id: str
    connector: str
    directory: str
    landing_prefix: str
    name_pattern: str
    settle: timedelta
    interval: timedelta
    afterwards: str
    move_to: str

    def wants(self, name: str) -> bool:
        """True when a file of this name is to be fetched: it is complete, wanted, and can be a key at the landing."""
        if name.endswith(IGNORED_ENDINGS) or key_problem(self.landing_prefix + name):
            return False
        return not self.name_pattern or patterns.matches(self.name_pattern, name)


@dataclass(frozen=True)
class RemoteFile:
    """A line of a listing; what the server did not say is None or empty."""

    path: str
    size: int | None
    modified: str

    @property
    def name(self) -> str:
        """The last segment of the path."""
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Pulled:
    """What is remembered of a remote file. Times are fixed-width UTC; `batch` names the folder it is fetched into."""

    workflow_id: str
    connector: str
    path: str
    size: int
    first_seen_at: str
    modified: str = ""
    state: str = SEEN
    batch: str = ""
    transfer_id: str = ""
    started_at: str = ""
    due_at: str = ""
    landed_at: str = ""
    cleaned_at: str = ""
    cleanups: int = 0
    failures: int = 0

    @property
    def name(self) -> str:
        """The last segment of the path."""
        return self.path.rsplit("/", 1)[-1]

    @property
    def id(self) -> str:
        """Stands for this content of this path, like the id of a transfer; a fetched file carries it as its marker."""
        return sha256_hex("\0".join((self.connector, self.path, str(self.size), self.modified)))[:ID_DIGITS]


class Step(Enum):
    """What a listing asks for, given what is remembered of a file."""

    REMEMBER = "REMEMBER"
    FETCH = "FETCH"
    CLEAN = "CLEAN"
    NOTHING = "NOTHING"


#: A size that the server did not tell.
UNKNOWN_SIZE = -1


def rule_of(item: Mapping[str, Any]) -> PullRule | None:
    """The rule of a stored definition, None if it has none. Raises Rejection INVALID_DEFINITION."""
    if not item.get("pull"):
        return None
    whole, unreadable = expanded(item)
    pull = whole["pull"]
    found = [str(each) for each in unreadable if each.path == "$.pull"] or [
        str(each) for each in problems("workflow-pull", pull)
    ]
    landing = "" if found else pull.get("landingPrefix") or item.get("sourcePrefix", "")
    if not found and not landing:
        found.append("$.landingPrefix: is required where the workflow has no sourcePrefix")
    if not found and pull.get("namePattern"):
        found += _pattern_problems(pull["namePattern"])
    if found:
        raise Rejection("INVALID_DEFINITION", f"workflow {item.get('workflowId')}: pull " + "; ".join(found[:3]))
    return PullRule(
        workflow_id=item["workflowId"],
        connector=pull["connector"],
        directory=pull["directory"].rstrip("/") or "/",
        landing_prefix=landing,
        name_pattern=pull.get("namePattern", ""),
        settle=timedelta(seconds=int(pull.get("settleSeconds", DEFAULT_SETTLE_SECONDS))),
        interval=timedelta(minutes=int(pull.get("intervalMinutes", DEFAULT_INTERVAL_MINUTES))),
        afterwards=pull.get("afterwards", KEEP),
        move_to=pull.get("moveTo", "").rstrip("/"),
    )


def _pattern_problems(pattern: str) -> list[str]:
    try:
        patterns.check(pattern)
    except patterns.UnsafePattern as error:
        return [f"$.namePattern: {error}"]
    return []


def read_listing(text: str | bytes) -> tuple[list[RemoteFile], bool]:
    """The files of a listing's output, and whether there are more than it holds. Raises ValueError if it is none."""
    listing = json.loads(text)
    files = [
        RemoteFile(each["filePath"], each.get("size"), str(each.get("modifiedTimestamp") or ""))
        for each in listing.get("files", [])
    ]
    return files, is_true(listing.get("truncated"))


def first_seen(rule: PullRule, file: RemoteFile, listed_at: datetime) -> Pulled:
    """The memory of a file that is new, or has another size or time than before."""
    size = UNKNOWN_SIZE if file.size is None else file.size
    return Pulled(rule.workflow_id, rule.connector, file.path, size, stamp(listed_at), file.modified)


def decide(known: Pulled | None, file: RemoteFile, rule: PullRule, listed_at: datetime, now: datetime) -> Step:
    """Pure: what the listing that began at `listed_at` asks for."""
    if known and known.state == FETCHING:
        return Step.NOTHING
    seen = first_seen(rule, file, listed_at)
    if known is None or (known.size, known.modified) != (seen.size, seen.modified):
        return Step.REMEMBER if rule.settle else Step.FETCH
    if known.state == SEEN:
        return Step.FETCH if listed_at - parse(known.first_seen_at) >= rule.settle else Step.NOTHING
    return Step.CLEAN if _to_clean(known, rule, listed_at, now) else Step.NOTHING


def fetching(file: Pulled, batch: str, now: datetime, look_seconds: int) -> Pulled:
    """The intent to fetch, as it is written before StartFileTransfer."""
    due = stamp(now + timedelta(seconds=look_seconds))
    return replace(file, state=FETCHING, batch=batch, transfer_id="", started_at=stamp(now), due_at=due)


def seen_again(file: Pulled, now: datetime, *, changed: bool = False) -> Pulled:
    """Not fetched after all; if it changed meanwhile, it has to settle anew."""
    first = stamp(now) if changed else file.first_seen_at
    return replace(file, state=SEEN, batch="", first_seen_at=first, due_at="", failures=file.failures + 1)


def landed(file: Pulled, now: datetime) -> Pulled:
    """It has arrived."""
    return replace(file, state=LANDED, landed_at=stamp(now), due_at="", failures=0)


def pulled_key(workflow_id: str, path: str) -> dict[str, str]:
    """Key of a file's memory."""
    return {"PK": f"PULL#{workflow_id}", "SK": f"FILE#{key_part(path)}"}


def rounds_key(workflow_id: str) -> dict[str, str]:
    """Key of what is remembered of a workflow's listings."""
    return {"PK": f"PULL#{workflow_id}", "SK": "LISTINGS"}


def to_record(file: Pulled, expires_at: int) -> dict[str, Any]:
    """The item of a file; while it is fetched, it stands in its connector's line."""
    item = {camel(name): value for name, value in asdict(file).items() if value != ""}
    line = {"line": line_of(file.connector, FETCHING)} if file.state == FETCHING else {}
    key = pulled_key(file.workflow_id, file.path)
    return {**key, "kind": PULL_KIND, **item, **line, "expiresAt": expires_at}


def from_record(item: Mapping[str, Any]) -> Pulled:
    """The file of an item."""
    return Pulled(**{each.name: item[camel(each.name)] for each in fields(Pulled) if camel(each.name) in item})


def _to_clean(known: Pulled, rule: PullRule, listed_at: datetime, now: datetime) -> bool:
    """True when a file that landed is still there, unchanged, by a listing that began after it had landed."""
    if rule.afterwards == KEEP or stamp(listed_at) <= known.landed_at or now - listed_at > FRESH:
        return False
    return not known.cleaned_at or now - parse(known.cleaned_at) >= CLEAN_AGAIN
