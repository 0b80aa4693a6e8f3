"""May this object be transferred, and where to: every rule that is checked before the claim."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from file_transfer.errors import Rejection
from file_transfer.intake.new_item import identity_of
from file_transfer.intake.source import Source
from file_transfer.records.identity import file_name
from file_transfer.settings import Settings, WatchedBucket
from file_transfer.workflows import definition as workflows
from file_transfer.workflows.arrival import Arrival
from file_transfer.workflows.arrival_rules import check_arrival, delivered_name, is_marker
from file_transfer.workflows.definition import Workflow
from file_transfer.workflows.targets import NEWEST_WINS, Target, TargetRule, render, tokens


class Lookup(Protocol):
    """Where definitions come from."""

    def resolve(self, arrival: Arrival) -> list[Workflow]: ...


@dataclass(frozen=True)
class Case:
    """The outcome: an owner, a workflow if there is one, and either targets or a rejection."""

    customer_id: str
    workflow: Workflow | None = None
    rejection: Rejection | None = None
    targets: list[Target] = field(default_factory=list)


@dataclass(frozen=True)
class Judge:
    """The rules, given the definitions."""

    settings: Settings
    lookup: Lookup

    def judge(self, arrival: Arrival, source: Source | None, denial: str = "") -> Case:
        """Never raises a Rejection: it becomes part of the case. `denial` is S3's refusal to show the object."""
        candidates: list[Workflow] = []
        customer_id = workflows.customer_of(None, arrival)
        try:
            candidates = self.lookup.resolve(arrival)
            customer_id = workflows.customer_of(candidates[0], arrival)
            self._check_upload(arrival, source, denial)
            chosen = workflows.choose(candidates, file_name(arrival.key), any_name=arrival.is_member)
            customer_id = workflows.customer_of(chosen, arrival)
            candidates = [chosen]
            targets = self._targets(arrival, source, chosen, customer_id)
        except Rejection as rejection:
            reason = self._why(arrival, source, denial, rejection)
            return Case(customer_id, candidates[0] if candidates else None, reason)
        return Case(customer_id, chosen, None, targets)

    def _why(self, arrival: Arrival, source: Source | None, denial: str, rejection: Rejection) -> Rejection:
        """What befell the upload itself says more than a missing definition."""
        try:
            self._check_upload(arrival, source, denial)
        except Rejection as upload:
            return upload
        return rejection

    def _check_upload(self, arrival: Arrival, source: Source | None, denial: str) -> None:
        if arrival.failure_code:
            raise Rejection(arrival.failure_code, f"the upload of {arrival.key} did not complete")
        if not arrival.confirmed:
            raise Rejection("UNCONFIRMED_UPLOAD", f"nothing says that the upload of {arrival.key} is whole")
        if denial:
            raise Rejection("PERMISSION_DENIED", denial, "FAILED")
        if source is None:
            raise Rejection("NOT_FOUND", f"{arrival.bucket}/{arrival.key}: this version does not exist any more")

    def _targets(self, arrival: Arrival, source: Source | None, chosen: Workflow, customer_id: str) -> list[Target]:
        assert source is not None
        if customer_id == "unknown":
            raise Rejection("VALIDATION_FAILED", f"no usable customer id can be read from {arrival.key!r}")
        name = file_name(arrival.key)
        if source.size == 0 and not chosen.allow_empty_files and not is_marker(chosen.rules, name):
            raise Rejection("EMPTY_FILE", "the file has no bytes, and the workflow does not allow that")
        most = self.settings.max_copy_bytes
        if source.size > most:
            raise Rejection("FILE_TOO_LARGE", f"{source.size} bytes; at most {most} can be copied")
        if not arrival.is_member:
            check_arrival(chosen.rules, name, source.size, source.arrived_at)
        name = delivered_name(chosen.rules, chosen.processing, name, member=arrival.is_member)
        values = tokens(customer_id, name, source.arrived_at)
        identity = identity_of(arrival, source)
        targets = [render(rule, values, identity, self.settings.sftp_targets) for rule in _rules(arrival, chosen)]
        self._check_add_ons(chosen, targets)
        self._check_loops(arrival, chosen, targets)
        return targets

    def _check_add_ons(self, chosen: Workflow, targets: list[Target]) -> None:
        """Nothing is promised that no module is there to do."""
        there = self.settings.add_ons
        if chosen.needs_preparation and not there.content:
            raise Rejection("INVALID_DEFINITION", f"workflow {chosen.id} has rules or steps of file-transfer-content")
        if not there.connectors and any(target.type == "CONNECTOR" for target in targets):
            raise Rejection("INVALID_DEFINITION", f"workflow {chosen.id} has targets of file-transfer-connectors")

    def _check_loops(self, arrival: Arrival, chosen: Workflow, targets: list[Target]) -> None:
        own = WatchedBucket(arrival.bucket, (chosen.source_prefix or arrival.key,))
        for target in (each for each in targets if each.type != "CONNECTOR"):
            if own.watches(target.bucket, target.key) or self.settings.watched.watches(target.bucket, target.key):
                raise Rejection("LOOP_GUARD", f"target {target.id}: {target.uri} lies where files arrive")


def _rules(arrival: Arrival, chosen: Workflow) -> Iterable[TargetRule]:
    """The message's own targets, under the definition's overwrite policies, or else the definition's."""
    if not arrival.targets:
        return chosen.targets
    policies = {rule.id: rule.overwrite for rule in chosen.targets}
    return [TargetRule(each, uri, "", policies.get(each, NEWEST_WINS)) for each, uri in arrival.targets.items()]
