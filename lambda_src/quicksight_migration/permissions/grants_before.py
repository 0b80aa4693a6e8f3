"""Who had which permissions on the assets of a backup: what a restore gives back, and all that it leaves.

A bundle brings permissions along, but whoever was granted some since keeps them: an import takes nothing away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from quicksight_migration.assets.bundle_file import BundleAsset, read_bundle, read_documents
from quicksight_migration.assets.types import Asset
from quicksight_migration.bundles.storage import Bucket
from quicksight_migration.permissions.actions import PERMITTED, Access, actions_of
from quicksight_migration.planning.plan import Grant


def grants_before(bucket: Bucket, keys: Iterable[str], wanted: Collection[Asset]) -> list[Grant]:
    """Grants that replace all others, of the wanted assets in these backups. Raises NotFound, BundleUnreadable."""
    found: list[Grant] = []
    seen: set[Asset] = set()
    for key in keys:
        with bucket.open(key) as opened:
            for each in read_bundle(opened, keep_documents=False).assets.values():
                if each.asset in wanted and each.asset not in seen and each.asset.type in PERMITTED:
                    found += _grants(read_documents(opened, [each])[each.asset])
                    seen.add(each.asset)
    return found


def _grants(backup: BundleAsset) -> list[Grant]:
    """One grant for those who may do the same; one to nobody for an asset that nobody had permissions on."""
    asset = backup.asset
    who: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for entry in _permissions(backup.document):
        who[tuple(sorted(entry["actions"]))].append(str(entry["principal"]))
    if not who:
        return [Grant(asset, asset, Access.VIEWER, (), actions_of(asset.type, Access.VIEWER), True)]
    return [
        Grant(asset, asset, str(_access(asset, actions)), tuple(sorted(principals)), actions, True)
        for actions, principals in sorted(who.items())
    ]


def _permissions(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Entries {"principal", "actions"}; names are matched whatever their case, as imports do."""
    entries = next((each for name, each in document.items() if name.lower() == "permissions"), None) or []
    return [{name.lower(): each for name, each in entry.items()} for entry in entries]


def _access(asset: Asset, actions: Collection[str]) -> Access:
    return Access.VIEWER if set(actions) <= set(actions_of(asset.type, Access.VIEWER)) else Access.OWNER
