"""Objects survive a restart together with everything else.

ministack's snapshot has the buckets but not what is in them; its own way of keeping objects writes each one to a file
named like its key, which fails for long keys and slows down every write. Here objects join the snapshot, which is
written once, when the server ends.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from ministack.core.responses import AccountScopedDict
from ministack.services import s3

from local_cloud.s3_bodies import KEPT, FileBody, folder, opened
from local_cloud.symbols import PatchedSymbol

_MODULE = "ministack.services.s3"
SYMBOLS = (
    PatchedSymbol(_MODULE, "get_state", "999bd282f36ce23f"),
    PatchedSymbol(_MODULE, "_restore_state", "1ee11336adcf4299"),
    PatchedSymbol(_MODULE, "_record_object_version", "9af490c3d6ff2f01"),
)
_OBJECT_TABLES = (
    "_object_versions",
    "_object_tags",
    "_object_acl",
    "_object_retention",
    "_object_legal_hold",
    "_object_annotations",
)


def install() -> None:
    """Adds the objects, their versions and what hangs on them to the snapshot."""
    for name in _OBJECT_TABLES:
        s3._PERSISTED_BUCKET_DICTS[name] = getattr(s3, name)
    get_state: Callable[[], dict[str, Any]] = s3.get_state
    restore_state: Callable[[dict[str, Any]], None] = s3._restore_state

    def state_with_objects() -> dict[str, Any]:
        objects = AccountScopedDict()
        objects._data = {key: copy.deepcopy(bucket["objects"]) for key, bucket in s3._buckets._data.items()}
        state = {**get_state(), "objects": objects}
        for record, name in _bodies(objects, state["_object_versions"]):
            if isinstance(record[name], FileBody):
                record[name] = record[name].kept()
        return state

    def restore_with_objects(data: dict[str, Any]) -> None:
        restore_state(data)
        if data and "objects" in data:
            for key, objects in data["objects"]._data.items():
                s3._buckets._data[key]["objects"] = objects
            _open_files(data["objects"], s3._object_versions)

    s3.get_state = state_with_objects
    s3._restore_state = restore_with_objects


def _bodies(objects: Any, versions: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Each record that may hold a body, and under which name."""
    yield from ((record, "body") for each in objects._data.values() for record in each.values() if "body" in record)
    yield from ((entry, "data") for each in versions._data.values() for entry in each if "data" in entry)


def _open_files(objects: Any, versions: Any) -> None:
    """Bodies that lie in files are mapped again; files that nobody names are of a server that was killed."""
    files: dict[str, FileBody] = {}
    for record, name in _bodies(objects, versions):
        if isinstance(record[name], dict):
            file = record[name][KEPT]
            files[file] = record[name] = files.get(file) or opened(file)
    for path in folder().glob("*"):
        if path.name not in files:
            path.unlink()
