"""What every write of the status table has to keep to, whoever makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from file_transfer.records.audit import audit_events, audit_record
from file_transfer.records.claim import IN_PROGRESS, REPLAYABLE
from file_transfer.records.deliveries import DELIVERED_STATES
from shared.schemas import problems

Item = Mapping[str, Any]
ENDS = REPLAYABLE | {"SUCCESS", "SUPERSEDED"}


@dataclass
class Promises:
    """`broken` collects what was not kept, in words."""

    broken: list[str] = field(default_factory=list)
    seen: dict[str, Item] = field(default_factory=dict)

    def written(self, new: Item) -> None:
        """An item after a write."""
        old = self.seen.get(new["PK"], {})
        self.seen[new["PK"]] = new
        if dict(old) == dict(new):
            return
        self._say(problems("status-item", new), "is not as its schema says")
        if old:
            self._fences(old, new)
            self._facts(old, new)
        if new["status"] in ("SUCCESS", "SUPERSEDED"):
            missed = [each for each, record in new["targets"].items() if record["state"] not in DELIVERED_STATES]
            self._say(missed, f"{new['status']} without all targets")

    def _fences(self, old: Item, new: Item) -> None:
        if new["attempt"] < old["attempt"]:
            self._say([new["attempt"]], f"attempt went back from {old['attempt']}")
        if old["status"] in ENDS and new["status"] != old["status"]:
            replayed = new["status"] == IN_PROGRESS and new.get("replays", 0) == old.get("replays", 0) + 1
            self._say([] if replayed else [new["status"]], f"{old['status']} was overwritten")

    def _facts(self, old: Item, new: Item) -> None:
        lost = [
            each
            for each, record in old["targets"].items()
            if record["state"] in DELIVERED_STATES and new["targets"].get(each, {}).get("state") != record["state"]
        ]
        self._say(lost, "a target that was reached is not any more")
        steps = new["revision"] - old["revision"]
        if steps == 0:
            untold = new["targets"] != old["targets"] or new["status"] not in (IN_PROGRESS, old["status"])
            self._say([new["status"]] if untold else [], "a change that nobody is told of")
        elif steps != 1:
            self._say([steps], "the revision has jumped")
        elif not audit_events(old, new):
            self._say([new["revision"]], "a recorded change without an event")
        else:
            self._say(problems("audit-record", audit_record(old, new, "0" * 64)), "the audit record breaks its schema")

    def _say(self, found: list[Any], what: str) -> None:
        if found:
            self.broken.append(f"{what}: {found}")
