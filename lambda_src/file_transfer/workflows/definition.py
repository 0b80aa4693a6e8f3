"""Workflow definitions: read, checked, chosen. Data decides where files go, never code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from file_transfer.errors import Rejection
from file_transfer.settings import SftpTarget, WatchedBucket
from file_transfer.workflows import patterns
from file_transfer.workflows.arrival import Arrival
from file_transfer.workflows.arrival_rules import is_marker
from file_transfer.workflows.rules import needs_preparation, section_problems
from file_transfer.workflows.sections import expanded
from file_transfer.workflows.targets import (
    CONNECTOR_OVERWRITES,
    TargetRule,
    names_every_file,
    render,
    split_uri,
    target_type,
    tokens,
)
from shared.schemas import Problem, problems

DEFAULT_RETRIES = 3
CUSTOMER_LENGTH = 128
#: In the order in which `targetType` names them.
TARGET_TYPES = ("S3", "SFTP", "CONNECTOR")


@dataclass(frozen=True)
class Workflow:
    """A definition that has been checked."""

    id: str
    source_type: str
    source_bucket: str
    source_prefix: str
    customer_id: str
    targets: tuple[TargetRule, ...]
    validation_regex: str
    max_retries: int
    enabled: bool
    allow_empty_files: bool
    notify: tuple[str, ...] | None
    rules: Mapping[str, Any] = field(default_factory=dict)
    processing: Mapping[str, Any] = field(default_factory=dict)
    notifications: Mapping[str, Any] = field(default_factory=dict)

    @property
    def needs_preparation(self) -> bool:
        """True when its files are opened before they are copied."""
        return needs_preparation(self.rules, self.processing)

    def covers(self, bucket: str, key: str) -> bool:
        """True when an object of this name belongs to the workflow's source."""
        return (not self.source_bucket or bucket == self.source_bucket) and key.startswith(self.source_prefix)

    def accepts(self, name: str) -> bool:
        """True when the file's name passes the definition's rule, or is that of a done file or manifest."""
        if not self.validation_regex or is_marker(self.rules, name):
            return True
        try:
            return patterns.matches(self.validation_regex, name)
        except patterns.UnsafePattern:
            return False


def read_definition(item: Mapping[str, Any]) -> Workflow:
    """The definition of a stored item. Raises Rejection INVALID_DEFINITION naming the first bad fields."""
    found = validate_definition(item)
    item, _ = expanded(item)
    if found:
        raise Rejection(
            "INVALID_DEFINITION", f"workflow {item.get('workflowId')}: " + "; ".join(str(each) for each in found[:3])
        )
    return Workflow(
        id=item["workflowId"],
        source_type=item["sourceType"],
        source_bucket=item.get("sourceBucket", ""),
        source_prefix=item.get("sourcePrefix", ""),
        customer_id=item.get("customerId", ""),
        targets=tuple(target_rules(item)),
        validation_regex=item.get("validationRegex", ""),
        max_retries=item.get("maxRetries", item.get("defaultRetry", DEFAULT_RETRIES)),
        enabled=item.get("enabled", True),
        allow_empty_files=item.get("allowEmptyFiles", False),
        notify=tuple(item["notify"]) if "notify" in item else None,
        rules=item.get("rules", {}),
        processing=item.get("processing", {}),
        notifications=item.get("notifications", {}),
    )


def target_rules(item: Mapping[str, Any]) -> Iterable[TargetRule]:
    """The targets in any of the forms a definition may give them."""
    short = item.get("target") or {}
    if "bucket" in short:
        uri = short["bucket"]
        yield TargetRule(uri.split(":", 1)[0], uri, short.get("pathPattern", ""))
        return
    for target_id, uri in short.items():
        yield TargetRule(target_id, uri)
    for target_id, each in item.get("targets", {}).items():
        yield TargetRule(target_id, each["uri"], each.get("pathPattern", ""), each.get("overwrite", "newest-wins"))


def validate_definition(
    item: Mapping[str, Any],
    sftp_targets: Mapping[str, SftpTarget] | None = None,
    watched: WatchedBucket | None = None,
) -> list[Problem]:
    """Every problem of a definition, each with the path of the field; an empty list means it can be stored.

    With `sftp_targets` and `watched` (the environment it is meant for) also unknown SFTP servers and targets that
    lie where files arrive. Without them only what the definition says about itself can be checked.
    """
    item, unreadable = expanded(item)
    found = unreadable or problems("workflow-definition", item)
    if found:
        return found
    if item.get("PK", f"WORKFLOW#{item['workflowId']}") != f"WORKFLOW#{item['workflowId']}":
        found.append(Problem("$.PK", "is not WORKFLOW#<workflowId>"))
    found += _pattern_problems("$.validationRegex", item.get("validationRegex"))
    found += _pull_problems(item)
    found += section_problems(item.get("rules", {}), item.get("processing", {}))
    if "expectations" in item or "notifications" in item:
        found += _announcement_problems(item)
    rules = list(target_rules(item))
    types = {target_type(rule.uri) for rule in rules}
    together = "_".join(each for each in TARGET_TYPES if each in types)
    if item.get("targetType", together) != together:
        found.append(Problem("$.targetType", f"the targets are {together}"))
    for rule in rules:
        found += _target_problems(item, rule, sftp_targets, watched or WatchedBucket())
    return found


def _pattern_problems(path: str, pattern: str | None) -> list[Problem]:
    try:
        if pattern is not None:
            patterns.check(pattern)
    except patterns.UnsafePattern as error:
        return [Problem(path, str(error))]
    return []


def _pull_problems(item: Mapping[str, Any]) -> list[Problem]:
    pull = item.get("pull", {})
    found = _pattern_problems("$.pull.namePattern", pull.get("namePattern"))
    if pull and not (pull.get("landingPrefix") or item.get("sourcePrefix")):
        found.append(Problem("$.pull.landingPrefix", "is required where the workflow has no sourcePrefix"))
    return found


def _announcement_problems(item: Mapping[str, Any]) -> list[Problem]:
    from file_transfer.workflows import announcements  # noqa: PLC0415  (time zones, which most definitions do not name)

    customer_id = item.get("customerId", "")
    found = announcements.expectation_problems(item.get("expectations", {}), customer_id, patterns.check)
    return found + announcements.notification_problems(item.get("notifications", {}))


def _target_problems(
    item: Mapping[str, Any], rule: TargetRule, sftp_targets: Mapping[str, SftpTarget] | None, watched: WatchedBucket
) -> list[Problem]:
    path = f"$.targets.{rule.id}" if "targets" in item else "$.target"
    declared = item.get("targets", {}).get(rule.id, {}).get("type")
    scheme, authority, _ = split_uri(rule.uri)
    if declared and declared != target_type(rule.uri):
        return [Problem(f"{path}.type", f"is {declared} but the URI is {scheme}://")]
    if not names_every_file(rule.uri, rule.path_pattern):
        return [Problem(path, "every file would land on the same key: end it with '/' or use {fileName}")]
    if scheme == "sftp" and sftp_targets is None:
        sftp_targets = {authority: SftpTarget("unknown-backend")}
    values = tokens(item.get("customerId", "customer"), "name.ext", "2000-01-01T00:00:00.000000Z")
    try:
        target = render(rule, values, "0" * 16, sftp_targets or {})
    except Rejection as rejection:
        return [Problem(path, rejection.message)]
    if target.type == "CONNECTOR":
        kept = rule.overwrite in CONNECTOR_OVERWRITES
        why = f"a connector cannot tell whether a file is there: {' or '.join(CONNECTOR_OVERWRITES)}"
        return [] if kept else [Problem(f"{path}.overwrite", why)]
    own_source = WatchedBucket(item.get("sourceBucket", ""), tuple(filter(None, [item.get("sourcePrefix", "")])))
    if own_source.watches(target.bucket, target.key) or watched.watches(target.bucket, target.key):
        return [Problem(path, f"{target.bucket}/{target.key} lies where files arrive: the copy would loop")]
    return []


def ancestors(key: str) -> list[str]:
    """Every folder a key lies in, longest first: `a/b/c.csv` → [`a/b/`, `a/`]."""
    folders = key.split("/")[:-1]
    return ["/".join(folders[:depth]) + "/" for depth in range(len(folders), 0, -1) if folders[0]]


def choose(candidates: list[Workflow], name: str, *, any_name: bool = False) -> Workflow:
    """The one workflow among those of the longest prefix. `any_name`: the rules on names are not about this file.

    Raises Rejection WORKFLOW_DISABLED, VALIDATION_FAILED or AMBIGUOUS_WORKFLOW.
    """
    enabled = [each for each in candidates if each.enabled]
    if not enabled:
        raise Rejection("WORKFLOW_DISABLED", f"workflow {candidates[0].id} is disabled")
    fitting = [each for each in enabled if any_name or each.accepts(name)]
    if not fitting:
        rules = ", ".join(f"{each.id}: {each.validation_regex}" for each in enabled)
        raise Rejection("VALIDATION_FAILED", f"the file name does not match validationRegex ({rules})")
    if len(fitting) > 1:
        names = ", ".join(sorted(each.id for each in fitting))
        raise Rejection("AMBIGUOUS_WORKFLOW", f"several workflows fit: {names}")
    return fitting[0]


def customer_of(workflow: Workflow | None, arrival: Arrival) -> str:
    """Who the file belongs to, or "unknown" when nothing says so in a form that can be part of a key."""
    if workflow is None:
        return _usable(arrival.customer_id or "")
    if workflow.customer_id:
        return workflow.customer_id
    if arrival.customer_id:
        return _usable(arrival.customer_id)
    first, slash, _ = arrival.key[len(workflow.source_prefix) :].partition("/")
    return _usable(first if slash else workflow.source_prefix.rstrip("/").rsplit("/", 1)[-1])


def _usable(customer_id: str) -> str:
    plain = customer_id.isprintable() and not set(customer_id) & set("/#")
    return customer_id if customer_id and plain and len(customer_id) <= CUSTOMER_LENGTH else "unknown"
