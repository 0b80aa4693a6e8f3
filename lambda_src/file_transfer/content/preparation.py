"""What is done to a file before it is delivered: groups, then open and verify, unzip, rules, encrypt.

Every step may come again, after a crash or with a retry: what was made lies at a key that says of what and how, and is
used again. A file that has reached a target before has passed its rules, and is not asked again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from file_transfer.content.checking import check_content, check_listed_digest, check_listed_size
from file_transfer.content.groups import Entry, Groups
from file_transfer.content.manifests import MOST_BYTES, read_manifest
from file_transfer.content.objects import Content, Objects
from file_transfer.content.pgp_steps import PgpSteps
from file_transfer.content.unpacking import Unpacking
from file_transfer.errors import Rejection
from file_transfer.workflows.arrival_rules import delivered_name, is_marker, opens
from file_transfer.workflows.definition import Workflow
from file_transfer.workflows.rules import Section
from file_transfer.workflows.targets import NEWEST_WINS
from shared.canonical import canonical_json, sha256_hex
from shared.clock import Clock, stamp
from shared.dynamodb import to_value

RECIPE_DIGITS = 12
NAME_CHARACTERS = 100
MARKER_BYTES = 64 * 1024
RULES_ON_BYTES = ("type", "csv", "json", "controlTotals")
UNPACKED, GROUP_MARKER = "UNPACKED", "GROUP_MARKER"

Transfer = dict[str, Any]
Answer = dict[str, Any]


@dataclass(frozen=True)
class Preparation:
    """All that preparing takes. `most_bytes`: of a file that is opened, and of what comes out of it."""

    objects: Objects
    groups: Groups
    pgp: PgpSteps
    unpacking: Unpacking
    clock: Clock
    most_bytes: int

    def prepare(self, transfer: Transfer, targets: Sequence[Mapping[str, Any]], workflow: Workflow) -> Answer:
        """The answer of Prepare File. Raises the taxonomy's errors; what is wrong with the file is an answer."""
        try:
            return self._prepare(transfer, list(targets), workflow)
        except Rejection as rejection:
            status = rejection.settle_as
            if transfer["delivered"]:
                status = "PARTIAL"
            return _answer("REVIEW", transfer, status=status, reason=rejection.reason, message=rejection.message)

    def _prepare(self, transfer: Transfer, targets: list[Mapping[str, Any]], workflow: Workflow) -> Answer:
        entry = Entry("", {})
        if "group" in workflow.rules and "parentId" not in transfer:
            if is_marker(workflow.rules, transfer["fileName"]):
                return self._announce(transfer, targets, workflow.rules["group"])
            entry = self.groups.enter(transfer, workflow.rules["group"])
            if entry.waits_for:
                return _answer("HOLD", transfer, reason="GROUP_INCOMPLETE", message=f"waits for {entry.waits_for}")
            check_listed_size(entry.marker, transfer)
        steps = _steps(transfer, workflow.processing)
        key = _key_of(transfer, workflow, steps)
        content = self.objects.find(key) if steps.keys() & {"decrypt", "verify", "encrypt"} else None
        if content is None and (steps or _needs_bytes(transfer, workflow.rules, entry)):
            with TemporaryDirectory() as folder:
                work = _Work(Path(folder), transfer, workflow.rules, steps, entry)
                if "unzip" in steps:
                    return self._unpack(work, targets)
                content = self._transform(work, key)
        return _answer("COPY", transfer | ({"content": content} if content else {}), targets=targets)

    def _announce(self, transfer: Transfer, targets: list[Mapping[str, Any]], group: Section) -> Answer:
        if group["by"] == "MANIFEST":
            text = self.objects.read(transfer, MOST_BYTES)
            if len(text) > MOST_BYTES:
                raise Rejection("MANIFEST_INVALID", f"rules.group: it has more than {MOST_BYTES} bytes")
            self.groups.announce_manifest(transfer, group, read_manifest(text))
        else:
            self.groups.announce_done(transfer, group)
        if group.get("deliverMarker", False):
            return _answer("COPY", transfer, targets=targets)
        return self._done(transfer, targets, GROUP_MARKER)

    def _open(self, work: _Work) -> Path:
        """The file as the rules see it."""
        path = work.folder / "arrived"
        digest = self.objects.fetch(work.transfer, path, self.most_bytes)
        check_listed_digest(work.entry.marker, digest)
        if not opens(work.steps):
            return path
        opened = work.folder / "opened"
        self.pgp.open(path, opened, work.steps, self.most_bytes)
        path.unlink()
        return opened

    def _transform(self, work: _Work, key: str) -> Content | None:
        path = self._open(work)
        if not work.transfer["delivered"]:
            marker = self._marker_text(work)
            check_content(path, work.rules, marker)
        if "encrypt" in work.steps:
            encrypted = work.folder / "encrypted"
            self.pgp.encrypt(path, encrypted, work.steps, self.most_bytes)
            path = encrypted
        if not work.steps:
            return None
        with path.open("rb") as file:
            return self.objects.keep(key, file)

    def _marker_text(self, work: _Work) -> bytes:
        """What the done file holds, if totals are in there."""
        if work.rules.get("controlTotals", {}).get("in") != "MARKER" or not work.entry.marker:
            return b""
        place = work.entry.marker | {"sizeBytes": 0}
        return self.objects.read(place, MARKER_BYTES)

    def _unpack(self, work: _Work, targets: list[Mapping[str, Any]]) -> Answer:
        self.unpacking.unpack(self._open(work), work.transfer, work.steps["unzip"])
        return self._done(work.transfer, targets, UNPACKED)

    def _done(self, transfer: Transfer, targets: list[Mapping[str, Any]], reason: str) -> Answer:
        """Nothing is left to copy: every target is skipped."""
        at = stamp(self.clock())
        return _answer("DONE", transfer, results=[_skipped(target, reason, at) for target in targets])


@dataclass(frozen=True)
class _Work:
    """One file under way. `steps`: of the workflow's processing, those that are about this file."""

    folder: Path
    transfer: Transfer
    rules: Section
    steps: Section
    entry: Entry


def _steps(transfer: Transfer, processing: Section) -> dict[str, Any]:
    """A member of an archive was opened with it; it is only encrypted."""
    return {name: step for name, step in processing.items() if name == "encrypt" or "parentId" not in transfer}


def _needs_bytes(transfer: Transfer, rules: Section, entry: Entry) -> bool:
    if transfer["delivered"]:
        return False
    return any(name in rules for name in RULES_ON_BYTES) or "sha256" in entry.marker


def _key_of(transfer: Transfer, workflow: Workflow, steps: Section) -> str:
    """Of what and how: another definition makes another object, and asks its own rules of it first.

    The name is there for people, and may be cut.
    """
    rules = {rule: workflow.rules[rule] for rule in RULES_ON_BYTES if rule in workflow.rules}
    recipe = sha256_hex(canonical_json({"steps": steps, "rules": rules}))[:RECIPE_DIGITS]
    member = "parentId" in transfer
    name = delivered_name(workflow.rules, workflow.processing, transfer["fileName"], member=member)
    return f"prepared/{transfer['id']}/{recipe}/{name[-NAME_CHARACTERS:]}"


def _skipped(target: Mapping[str, Any], reason: str, at: str) -> dict[str, Any]:
    record = {"state": "SKIPPED", "attempts": target.get("attempts", 0) + 1, "reason": reason, "at": at}
    if target["overwrite"] != NEWEST_WINS:
        record["overwrite"] = target["overwrite"]
    return {"id": target["id"], "state": "SKIPPED", "reason": reason, "record": to_value(record)}


def _answer(action: str, transfer: Transfer, **more: Any) -> Answer:
    return {"action": action, "transfer": transfer, **more}
