"""Files that wait for each other. Who comes writes first and reads then, so that of two who come at one moment at least
one sees the other: no group waits although all of it is there.

A release is a retry message, sent before it is noted: a message that is lost is made up for by the sweep, which wakes
what is held every now and then. Who was released once is let through whatever comes later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from file_transfer.content import group_keys
from file_transfer.content.group_keys import MANIFEST, Transfer
from file_transfer.content.manifests import Listed
from file_transfer.errors import Rejection
from file_transfer.workflows.rules import Section
from shared.aws_errors import classify
from shared.clock import Clock, parse, stamp
from shared.conditional import put_if, update_if
from shared.dynamodb import from_item, to_item

WAIT_MINUTES = 60
#: How long records outlive their group, for replays.
KEPT = timedelta(days=30)
WAITING, RELEASED, EXPIRED = "WAITING", "RELEASED", "EXPIRED"
SHOWN_NAMES = 3

Item = dict[str, Any]


class Messages(Protocol):
    """Where retry messages go, as shared.sqs.Queue has it."""

    def send(self, messages: Sequence[Mapping[str, Any]], delay_seconds: int = 0) -> None: ...


@dataclass(frozen=True)
class Entry:
    """`waits_for` is empty for a file that may go on. `marker`: the record of its done file or of its place in a
    manifest."""

    waits_for: str
    marker: Item


@dataclass(frozen=True)
class Groups:
    """The groups of a workflow. Every method may be called again; all raise the taxonomy's errors."""

    dynamodb: Any
    table: str
    queue: Messages
    clock: Clock
    delay_seconds: int

    def enter(self, transfer: Transfer, rule: Section) -> Entry:
        """May this file go on? Raises Rejection GROUP_INCOMPLETE when it has waited too long."""
        partition = group_keys.awaited_group(rule, transfer)
        member = self._join(partition, transfer, rule)
        if member["state"] == RELEASED:
            return Entry("", member["marker"])
        marker = self._get(partition, "MARKER")
        if rule["by"] == MANIFEST:
            waits_for = self._manifest_lacks(transfer, marker)
        else:
            come = bool(marker) and marker["arrivedAt"] >= transfer["arrivedAt"]
            waits_for = "" if come else "its done file"
        if not waits_for:
            self._note(member, RELEASED, marker)
        elif stamp(self.clock()) >= member["until"]:
            self._note(member, EXPIRED)
            raise Rejection("GROUP_INCOMPLETE", f"rules.group.waitMinutes: waited in vain for {waits_for}")
        return Entry(waits_for, marker)

    def announce_done(self, transfer: Transfer, rule: Section) -> None:
        """A done file has come: what arrived before it goes on."""
        partition = group_keys.vouched_group(rule, transfer)
        marker = {"PK": partition, "SK": "MARKER", **_place(transfer), "expiresAt": self._expiry(rule)}
        self._put_newer(marker)
        self._release(partition, transfer["arrivedAt"])

    def announce_manifest(self, transfer: Transfer, rule: Section, files: Sequence[Listed]) -> None:
        """A manifest has come: once all that it lists is there, all of it goes on."""
        key = group_keys.manifest_partition(transfer)
        until = stamp(parse(transfer["arrivedAt"]) + _wait(rule))
        names = {each.name for each in files}
        self._put_manifest(key, names, until, self._expiry(rule))
        for each in files:
            partition = group_keys.file_group(transfer, each.name)
            said = {"sizeBytes": each.size, "sha256": each.sha256 or None, "manifest": key, "until": until}
            marker = {"PK": partition, "SK": "MARKER", **_place(transfer), "expiresAt": self._expiry(rule), **said}
            self._put_newer({name: value for name, value in marker.items() if value is not None})
            if any(self._waiting(partition)):
                self._tick_off(key, [each.name])
        self._complete_if_all_there(transfer, key)

    def _join(self, partition: str, transfer: Transfer, rule: Section) -> Item:
        """The file's record. One that waited in vain and is replayed begins to wait anew."""
        kept = ("pk", "sk", "bucket", "key", "versionId", "attempt", "retryCount", "workflowId", "customerId")
        item = {
            "PK": partition,
            "SK": f"MEMBER#{transfer['id']}",
            "state": WAITING,
            "arrivedAt": transfer["arrivedAt"],
            "until": stamp(self.clock() + _wait(rule)),
            "expiresAt": self._expiry(rule),
            "retry": {name: transfer[name] for name in kept},
        }
        with _classified("write the group"):
            written, met = put_if(
                self.dynamodb,
                self.table,
                item,
                "attribute_not_exists(PK) OR #state = :expired",
                {":expired": EXPIRED},
                {"#state": "state"},
            )
        return item if written else met

    def _manifest_lacks(self, transfer: Transfer, marker: Item) -> str:
        if not marker or stamp(self.clock()) >= marker["until"]:
            return "a manifest that lists it"
        left = self._tick_off(marker["manifest"], [transfer["fileName"]])
        if left is None:
            return "a manifest that lists it"
        if left:
            shown = ", ".join(left[:SHOWN_NAMES])
            return shown if len(left) <= SHOWN_NAMES else f"{shown} and {len(left) - SHOWN_NAMES} more"
        self._complete_if_all_there(transfer, marker["manifest"])
        return ""

    def _put_manifest(self, key: str, names: Iterable[str], until: str, expires_at: int) -> None:
        item = {**to_item({"PK": key, "SK": "MANIFEST", "until": until, "expiresAt": expires_at})}
        item |= {"names": {"SS": sorted(names)}, "lacking": {"SS": sorted(names)}}
        try:
            self.dynamodb.put_item(TableName=self.table, Item=item, ConditionExpression="attribute_not_exists(PK)")
        except self.dynamodb.exceptions.ConditionalCheckFailedException:
            return  # written by an attempt before this one
        except (ClientError, BotoCoreError) as error:
            raise classify(error, "write the manifest") from error

    def _tick_off(self, key: str, names: list[str]) -> list[str] | None:
        """What is missing now that these are there; None for a manifest that is done with."""
        try:
            answer = self.dynamodb.update_item(
                TableName=self.table,
                Key=to_item({"PK": key, "SK": "MANIFEST"}),
                UpdateExpression="DELETE lacking :names",
                ConditionExpression="attribute_exists(PK) AND attribute_not_exists(completedAt)",
                ExpressionAttributeValues={":names": {"SS": names}},
                ReturnValues="ALL_NEW",
            )
        except self.dynamodb.exceptions.ConditionalCheckFailedException:
            return None
        except (ClientError, BotoCoreError) as error:
            raise classify(error, "tick off the manifest") from error
        return list(from_item(answer["Attributes"]).get("lacking", []))

    def _complete_if_all_there(self, transfer: Transfer, key: str) -> None:
        manifest = self._get(key, "MANIFEST")
        if not manifest or manifest.get("lacking") or "completedAt" in manifest:
            return
        for name in manifest["names"]:
            self._release(group_keys.file_group(transfer, name))
        self._update(manifest, "SET completedAt = :now", "attribute_exists(PK)", {":now": stamp(self.clock())})

    def _release(self, partition: str, until_arrival: str = "") -> None:
        marker = self._get(partition, "MARKER")
        for member in self._waiting(partition):
            if not until_arrival or member["arrivedAt"] <= until_arrival:
                self.queue.send([{"kind": "towpath.retry", **member["retry"]}], self.delay_seconds)
                self._note(member, RELEASED, marker)

    def _waiting(self, partition: str) -> Iterator[Item]:
        with _classified("read the group"):
            pages = self.dynamodb.get_paginator("query").paginate(
                TableName=self.table,
                KeyConditionExpression="PK = :pk AND begins_with(SK, :member)",
                ExpressionAttributeValues=to_item({":pk": partition, ":member": "MEMBER#"}),
                ConsistentRead=True,
            )
            found = [from_item(item) for page in pages for item in page["Items"]]
        return (each for each in found if each["state"] == WAITING)

    def _note(self, member: Item, state: str, marker: Item | None = None) -> None:
        """With what vouched for the file: a marker that comes later is about a later file of that name."""
        values = {":state": state, ":marker": marker or {}}
        update = "SET #state = :state, marker = :marker"
        self._update(member, update, "attribute_exists(PK)", values, {"#state": "state"})

    def _put_newer(self, marker: Item) -> None:
        with _classified("write the marker"):
            condition = "attribute_not_exists(PK) OR arrivedAt < :arrivedAt"
            put_if(self.dynamodb, self.table, marker, condition, {":arrivedAt": marker["arrivedAt"]})

    def _get(self, partition: str, sort_key: str) -> Item:
        with _classified("read the group"):
            key = to_item({"PK": partition, "SK": sort_key})
            answer = self.dynamodb.get_item(TableName=self.table, Key=key, ConsistentRead=True)
        return from_item(answer.get("Item", {}))

    def _update(
        self, item: Item, update: str, condition: str, values: Item, names: Mapping[str, str] | None = None
    ) -> None:
        with _classified("write the group"):
            update_if(
                self.dynamodb,
                self.table,
                {"PK": item["PK"], "SK": item["SK"]},
                update,
                condition,
                values,
                names or {},
            )

    def _expiry(self, rule: Section) -> int:
        return int((self.clock() + _wait(rule) + KEPT).timestamp())


@contextmanager
def _classified(doing: str) -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise classify(error, doing) from error


def _wait(rule: Section) -> timedelta:
    return timedelta(minutes=int(rule.get("waitMinutes", WAIT_MINUTES)))


def _place(transfer: Transfer) -> Item:
    """Where a done file or a manifest lies."""
    return {name: transfer[name] for name in ("id", "arrivedAt", "bucket", "key", "versionId", "etag")}
