"""The table WorkflowDefinition for those who change it: a definition has a version, and nobody's change is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from file_transfer.workflows.sections import expanded
from shared.clock import Clock, stamp
from shared.conditional import delete_if, put_if
from shared.errors import NotFound, TowpathError
from shared.questions import Answered, Asker, Question

Item = dict[str, Any]

KIND, INDEX, PREFIX_INDEX = "WORKFLOW", "KindIndex", "SourcePrefixIndex"
TABLE_KEY = ("PK",)
#: Members of an item that are not the definition's.
MANAGED = ("version", "createdAt", "updatedAt", "updatedBy")
OF_TABLE = ("PK", "kind")
#: An item that somebody put there by hand may have no version.
FIRST_VERSION = 1


class NameTaken(TowpathError):
    """There is a definition of this id already."""


class StaleVersion(TowpathError):
    """The definition was changed since it was read; `current` is its version now."""

    def __init__(self, workflow_id: str, current: int) -> None:
        super().__init__(f"{workflow_id} is at version {current}")
        self.current = current


class WorkflowCatalog:
    """Definitions as items. `dynamodb` is a low-level boto3 client."""

    def __init__(self, dynamodb: Any, table: str, clock: Clock) -> None:
        self._dynamodb = dynamodb
        self._asker = Asker(dynamodb)
        self._table = table
        self._clock = clock

    def get(self, workflow_id: str) -> Item:
        """A definition as it is stored. Raises NotFound."""
        item = self._asker.get(self._table, {"PK": partition(workflow_id)})
        if item is None:
            raise NotFound(f"workflow {workflow_id} does not exist")
        return item

    def question(self) -> Question:
        """All definitions, by id."""
        return Question(self._table, "kind", KIND, INDEX, "workflowId", newest_first=False, table_key=TABLE_KEY)

    def of_prefix(self, prefix: str) -> Answered:
        """Definitions with this source prefix."""
        question = Question(self._table, "sourcePrefix", prefix, PREFIX_INDEX, "", table_key=TABLE_KEY)
        return self._asker.page(question, 100)

    def create(self, definition: Mapping[str, Any], by: str) -> Item:
        """Stores a new definition. Raises NameTaken."""
        now = stamp(self._clock())
        item = self._item(definition, {"version": FIRST_VERSION, "createdAt": now, "updatedAt": now, "updatedBy": by})
        written, _ = put_if(self._dynamodb, self._table, item, "attribute_not_exists(PK)")
        if not written:
            raise NameTaken(f"there is a workflow {definition['workflowId']} already")
        return item

    def replace(self, definition: Mapping[str, Any], version: int, by: str) -> Item:
        """The next version of a definition. Raises NotFound, StaleVersion."""
        stored = self._at(str(definition["workflowId"]), version)
        managed = {"version": version + 1, "updatedAt": stamp(self._clock()), "updatedBy": by}
        item = self._item(
            definition, {**({"createdAt": stored["createdAt"]} if "createdAt" in stored else {}), **managed}
        )
        condition, values, names = _if_version(version)
        written, met = put_if(self._dynamodb, self._table, item, condition, values, names)
        if not written:
            raise _lost(str(definition["workflowId"]), met)
        return item

    def delete(self, workflow_id: str, version: int) -> None:
        """Raises NotFound, StaleVersion."""
        self._at(workflow_id, version)
        condition, values, names = _if_version(version)
        key = {"PK": partition(workflow_id)}
        gone, met = delete_if(self._dynamodb, self._table, key, condition, values, names)
        if not gone:
            raise _lost(workflow_id, met)

    def _at(self, workflow_id: str, version: int) -> Item:
        stored = self.get(workflow_id)
        if version_of(stored) != version:
            raise StaleVersion(workflow_id, version_of(stored))
        return stored

    @staticmethod
    def _item(definition: Mapping[str, Any], managed: Mapping[str, Any]) -> Item:
        own = {"PK": partition(str(definition["workflowId"])), "kind": KIND}
        return {**definition_of(definition), **own, **managed}


def partition(workflow_id: str) -> str:
    """Key of a definition."""
    return f"WORKFLOW#{workflow_id}"


def version_of(item: Mapping[str, Any]) -> int:
    """The version of a stored definition."""
    return int(item.get("version", FIRST_VERSION))


def definition_of(item: Mapping[str, Any]) -> Item:
    """The definition in an item: sections as maps, and without what the table and this module add."""
    whole, _ = expanded(item)
    return {name: value for name, value in whole.items() if name not in (*OF_TABLE, *MANAGED)}


def _if_version(version: int) -> tuple[str, dict[str, Any], dict[str, str]]:
    condition = "attribute_exists(PK) AND #version = :version"
    if version == FIRST_VERSION:
        condition = "attribute_exists(PK) AND (#version = :version OR attribute_not_exists(#version))"
    return condition, {":version": version}, {"#version": "version"}


def _lost(workflow_id: str, met: Mapping[str, Any]) -> TowpathError:
    return StaleVersion(workflow_id, version_of(met)) if met else NotFound(f"workflow {workflow_id} does not exist")
