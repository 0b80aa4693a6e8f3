"""A table of named documents with versions: protection groups in one, recovery plans in another.

An item holds the document. A second item, `NAME#<name>`, holds the name while it is taken; both are written in one
transaction, so a name is given once, however many ask for it. The index NameIndex (`kind`, `name`) lists documents by
name with the attributes of their summary; items that hold names have no `kind` and are not in it.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from disaster_recovery.errors import LostRace, NotFound, TowpathError
from shared.clock import Clock, stamp
from shared.conditional import transact_if
from shared.dynamodb import from_item, to_item

Item = dict[str, Any]
Entry = dict[str, Any]

NAME_INDEX = "NameIndex"
ID_BYTES = 12
ALL_PAGE = 200


class NameTaken(TowpathError):
    """Another document has this name; `holder` is its id."""

    def __init__(self, name: str, holder: str) -> None:
        super().__init__(f"the name {name!r} is taken by {holder}")
        self.holder = holder


class StaleVersion(TowpathError):
    """The document was changed since it was read; `current` is its version now."""

    def __init__(self, item_id: str, current: int) -> None:
        super().__init__(f"{item_id} is at version {current}")
        self.current = current


@dataclass(frozen=True)
class NamePage:
    """Summaries in the order of their names; `after` is where the next page begins, None on the last one."""

    items: list[Item]
    after: Item | None = None


@dataclass(frozen=True)
class Change:
    """What is stored: a document with its name, the attributes of its summary, and who stores it."""

    document: Mapping[str, Any]
    summary: Mapping[str, Any]
    actor: str

    @property
    def name(self) -> str:
        """The document's name."""
        return str(self.document["name"])


@dataclass(frozen=True)
class CatalogTable:
    """`kind` GROUP or PLAN; `key` the attribute of the partition key; `prefix` of ids, `pg` or `rp`."""

    dynamodb: Any
    table: str
    kind: str
    key: str
    prefix: str
    clock: Clock

    def find(self, item_id: str) -> Item | None:
        """The document as it is now (strongly consistent), with version, times and actors; None when there is none."""
        answer = self.dynamodb.get_item(TableName=self.table, Key=self._key(item_id), ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else None

    def get(self, item_id: str) -> Item:
        """As find, but raises NotFound."""
        found = self.find(item_id)
        if found is None:
            raise NotFound(f"{item_id} does not exist")
        return found

    def create(self, change: Change) -> Item:
        """A new document under a new id. Raises NameTaken."""
        now = stamp(self.clock())
        item_id = f"{self.prefix}-{new_id()}"
        item = self._item(item_id, 1, change, {"createdAt": now, "createdBy": change.actor}, now)
        written, in_the_way = transact_if(self.dynamodb, [self._put(item, None), self._claim(change.name, item_id)])
        if not written:
            raise self._taken(change.name, in_the_way)
        return item

    def replace(self, item_id: str, version: int, change: Change) -> Item:
        """The next version of a document. Raises NotFound, StaleVersion, NameTaken."""
        before = self._at(item_id, version)
        created = {name: before[name] for name in ("createdAt", "createdBy")}
        item = self._item(item_id, version + 1, change, created, stamp(self.clock()))
        entries = [self._put(item, version)]
        if folded(change.name) != folded(before["name"]):
            entries += [self._claim(change.name, item_id), self._give_back(before["name"], item_id)]
        written, in_the_way = transact_if(self.dynamodb, entries)
        if not written:
            self._at(item_id, version)
            raise self._taken(change.name, in_the_way)
        return item

    def delete(self, item_id: str, version: int) -> None:
        """Removes a document and frees its name. Raises NotFound, StaleVersion."""
        before = self._at(item_id, version)
        delete: Entry = {"TableName": self.table, "Key": self._key(item_id), **_if_version(version)}
        written, _ = transact_if(self.dynamodb, [{"Delete": delete}, self._give_back(before["name"], item_id)])
        if not written:
            self._at(item_id, version)
            raise LostRace(f"{item_id} was renamed by somebody else")

    def page(self, limit: int, after: Mapping[str, Any] | None = None, name: str = "") -> NamePage:
        """Summaries by name, at most `limit`; only the one of exactly this name where one is given."""
        request: dict[str, Any] = {
            "TableName": self.table,
            "IndexName": NAME_INDEX,
            "KeyConditionExpression": "#kind = :kind" + (" AND #name = :name" if name else ""),
            "ExpressionAttributeNames": {"#kind": "kind", **({"#name": "name"} if name else {})},
            "ExpressionAttributeValues": to_item({":kind": self.kind, **({":name": name} if name else {})}),
            "Limit": limit,
        }
        if after:
            request["ExclusiveStartKey"] = to_item({"kind": self.kind, **after})
        answer = self.dynamodb.query(**request)
        items = [from_item(item) for item in answer["Items"]]
        last = answer.get("LastEvaluatedKey")
        position = {attribute: from_item(last)[attribute] for attribute in ("name", self.key)} if last else None
        return NamePage(items, position)

    def all_summaries(self) -> Iterator[Item]:
        """Every summary, page by page."""
        after: Mapping[str, Any] | None = None
        while True:
            page = self.page(ALL_PAGE, after)
            yield from page.items
            if page.after is None:
                return
            after = page.after

    def _at(self, item_id: str, version: int) -> Item:
        found = self.get(item_id)
        if found["version"] != version:
            raise StaleVersion(item_id, found["version"])
        return found

    def _item(self, item_id: str, version: int, change: Change, created: Mapping[str, str], now: str) -> Item:
        updated = {"updatedAt": now, "updatedBy": change.actor}
        own = {self.key: item_id, "kind": self.kind, "name": change.name, "version": version}
        return {**own, "document": dict(change.document), **change.summary, **created, **updated}

    def _key(self, item_id: str) -> Item:
        return {self.key: {"S": item_id}}

    def _put(self, item: Item, before: int | None) -> Entry:
        condition = _if_version(before) if before else {"ConditionExpression": f"attribute_not_exists({self.key})"}
        return {"Put": {"TableName": self.table, "Item": to_item(item), **condition}}

    def _claim(self, name: str, item_id: str) -> Entry:
        item = to_item({self.key: f"NAME#{folded(name)}", "holder": item_id})
        return {
            "Put": {
                "TableName": self.table,
                "Item": item,
                "ConditionExpression": f"attribute_not_exists({self.key}) OR holder = :id",
                "ExpressionAttributeValues": {":id": {"S": item_id}},
            }
        }

    def _give_back(self, name: str, item_id: str) -> Entry:
        return {
            "Delete": {
                "TableName": self.table,
                "Key": self._key(f"NAME#{folded(name)}"),
                "ConditionExpression": "holder = :id",
                "ExpressionAttributeValues": {":id": {"S": item_id}},
            }
        }

    def _taken(self, name: str, in_the_way: Sequence[Item]) -> TowpathError:
        holder = next((str(item["holder"]) for item in in_the_way if item.get("holder")), "")
        return NameTaken(name, holder) if holder else LostRace(f"{name} was stored by somebody else at the same time")


def folded(name: str) -> str:
    """Names that people take for the same are the same: case and runs of blanks do not tell them apart."""
    return " ".join(name.casefold().split())


def new_id() -> str:
    """20 lower-case base32 characters of chance."""
    return base64.b32encode(secrets.token_bytes(ID_BYTES)).decode().rstrip("=").lower()


def _if_version(version: int) -> dict[str, Any]:
    return {
        "ConditionExpression": "#version = :version",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {":version": {"N": str(version)}},
    }
