"""The plan of a migration: what it will do to each asset of the target. Form: schemas/migration-plan.schema.json.

Its hash covers all that a person approves, not when and at which attempt it was made: a plan made again of the same
bundle against the same target is the same plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from quicksight_migration.assets.types import Asset, AssetType, Place
from shared.canonical import canonical_json, sha256_hex
from shared.schemas import Problem

NOT_HASHED = ("createdAt", "attempt", "planHash")


class Action(StrEnum):
    """What happens to an asset. DELETE is of restores only: the migration that is undone had created it."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    UNCHANGED = "UNCHANGED"
    SKIP = "SKIP"
    CONFLICT = "CONFLICT"
    DELETE = "DELETE"


class ConflictPolicy(StrEnum):
    """What to do about an asset of the target that has the id of one of the source and is another."""

    FAIL = "FAIL"
    SKIP = "SKIP"
    UPDATE = "UPDATE"
    PREFIX = "PREFIX"


@dataclass(frozen=True)
class Item:
    """One asset. `asset` is its id in the bundle, `target` in the target account; they differ with a prefix only.

    `chunk` is the bundle it is imported from, the first that holds it; 0 for what no bundle holds. The current
    fingerprint is None where the target has no such asset, the new one where it will have none.
    """

    asset: Asset
    target: Asset
    name: str
    action: Action
    chunk: int
    current_fingerprint: str | None = None
    new_fingerprint: str | None = None
    differences: tuple[Mapping[str, Any], ...] = ()

    def document(self) -> dict[str, Any]:
        """As the plan holds it."""
        fingerprints = {"currentFingerprint": self.current_fingerprint, "newFingerprint": self.new_fingerprint}
        return {
            "assetType": str(self.asset.type),
            "assetId": self.asset.id,
            "targetAssetId": self.target.id,
            "name": self.name,
            "action": str(self.action),
            "chunk": self.chunk,
            **{name: value for name, value in fingerprints.items() if value is not None},
            "differences": [dict(each) for each in self.differences],
        }


@dataclass(frozen=True)
class Grant:
    """Who gets which access to one asset. `replace`: nobody else keeps any."""

    asset: Asset
    target: Asset
    access: str
    principals: tuple[str, ...]
    actions: tuple[str, ...]
    replace: bool = False

    def document(self) -> dict[str, Any]:
        """As the plan holds it."""
        return {
            "assetType": str(self.asset.type),
            "assetId": self.asset.id,
            "targetAssetId": self.target.id,
            "access": self.access,
            "principals": list(self.principals),
            "actions": list(self.actions),
            "replace": self.replace,
        }


@dataclass(frozen=True)
class BundleFile:
    """A bundle in the bundle bucket, and which chunk it is, from 1."""

    chunk: int
    key: str
    sha256: str


@dataclass(frozen=True)
class Plan:
    """A plan whole. `overrides` are redacted: the import takes them from the job."""

    job_id: str
    attempt: int
    created_at: str
    source: Place
    target: Place
    bundles: tuple[BundleFile, ...]
    conflict_policy: ConflictPolicy
    prefix: str = ""
    items: tuple[Item, ...] = ()
    overrides: Mapping[str, Any] = field(default_factory=dict)
    permissions: tuple[Grant, ...] = ()
    warnings: tuple[str, ...] = ()
    errors: tuple[Problem, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Items by action, those that occur."""
        return dict(sorted(Counter(str(item.action) for item in self.items).items()))

    @property
    def plan_hash(self) -> str:
        """64 hex digits."""
        return hash_of(self._content())

    def document(self) -> dict[str, Any]:
        """The plan as it is stored."""
        return {**self._content(), "planHash": self.plan_hash}

    def of_chunk(self, chunk: int, *actions: Action) -> list[Item]:
        """The items of a chunk with one of these actions, all without any."""
        return [item for item in self.items if item.chunk == chunk and (not actions or item.action in actions)]

    def left_out(self, chunk: int, held: Iterable[Asset]) -> set[Asset]:
        """Of the assets that the chunk's bundle holds, those that it must not import: skipped, or another chunk's."""
        return set(held) - self.imported(chunk)

    def imported(self, chunk: int) -> set[Asset]:
        """The assets that are imported from a chunk's bundle."""
        return {item.asset for item in self.of_chunk(chunk, Action.CREATE, Action.UPDATE, Action.UNCHANGED)}

    def changes(self) -> bool:
        """Whether anything is created, updated or deleted."""
        return any(item.action in (Action.CREATE, Action.UPDATE, Action.DELETE) for item in self.items)

    def _content(self) -> dict[str, Any]:
        return {
            "jobId": self.job_id,
            "attempt": self.attempt,
            "createdAt": self.created_at,
            "sourceAccountId": self.source.account_id,
            "sourceRegion": self.source.region,
            "targetAccountId": self.target.account_id,
            "targetRegion": self.target.region,
            "bundles": [{"chunk": each.chunk, "key": each.key, "sha256": each.sha256} for each in self.bundles],
            "conflictPolicy": str(self.conflict_policy),
            **({"prefix": self.prefix} if self.prefix else {}),
            "items": [item.document() for item in self.items],
            "overrides": dict(self.overrides),
            "permissions": [grant.document() for grant in self.permissions],
            "warnings": list(self.warnings),
            "errors": [{"path": each.path, "message": each.message} for each in self.errors],
            "counts": self.counts,
        }


def hash_of(document: Mapping[str, Any]) -> str:
    """The hash of a plan's document: SHA-256 of its canonical JSON without what NOT_HASHED names."""
    return sha256_hex(canonical_json({name: value for name, value in document.items() if name not in NOT_HASHED}))


def read_plan(document: Mapping[str, Any]) -> Plan:
    """The plan that was stored. Raises KeyError or ValueError for a document that is none."""
    return Plan(
        job_id=document["jobId"],
        attempt=int(document["attempt"]),
        created_at=document["createdAt"],
        source=Place(document["sourceAccountId"], document["sourceRegion"]),
        target=Place(document["targetAccountId"], document["targetRegion"]),
        bundles=tuple(BundleFile(int(each["chunk"]), each["key"], each["sha256"]) for each in document["bundles"]),
        conflict_policy=ConflictPolicy(document["conflictPolicy"]),
        prefix=document.get("prefix", ""),
        items=tuple(_item(each) for each in document["items"]),
        overrides=document["overrides"],
        permissions=tuple(_grant(each) for each in document["permissions"]),
        warnings=tuple(document["warnings"]),
        errors=tuple(Problem(each["path"], each["message"]) for each in document["errors"]),
    )


def _pair(document: Mapping[str, Any]) -> tuple[Asset, Asset]:
    asset_type = AssetType(document["assetType"])
    return Asset(asset_type, document["assetId"]), Asset(asset_type, document["targetAssetId"])


def _item(document: Mapping[str, Any]) -> Item:
    asset, target = _pair(document)
    return Item(
        asset,
        target,
        document["name"],
        Action(document["action"]),
        int(document["chunk"]),
        document.get("currentFingerprint"),
        document.get("newFingerprint"),
        tuple(document["differences"]),
    )


def _grant(document: Mapping[str, Any]) -> Grant:
    asset, target = _pair(document)
    principals, actions = tuple(document["principals"]), tuple(document["actions"])
    return Grant(asset, target, document["access"], principals, actions, bool(document["replace"]))
