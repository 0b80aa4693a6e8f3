"""The file that an export makes and an import reads: a zip with one JSON document an asset."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from local_cloud.quicksight.kinds import BY_NAME, key_of
from local_cloud.simulation.clock import Stamp, moment
from local_cloud.simulation.state import Record

LARGEST = 1_000_000_000
_BETWEEN = "--refresh-schedule--"


class BadBundle(ValueError):
    """A file that is no bundle; the message says why."""


class DownloadRefused(Exception):
    """A bundle that is not given: HTTP `status`, and `code` and `message` as S3 gives them."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message = status, code, message


def path_of(key: str) -> str:
    """Where in the zip the asset under a key is."""
    name, _, identifier = key.partition("/")
    return f"{name}/{identifier.replace('/', _BETWEEN)}.json"


def written(documents: Mapping[str, Record], at: Stamp) -> bytes:
    """The zip of documents by key; the same bytes each time."""
    file, made = io.BytesIO(), moment(at).timetuple()[:6]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, document in documents.items():
            member = zipfile.ZipInfo(path_of(key), made)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(member, json.dumps(document, separators=(",", ":"), ensure_ascii=False))
    return file.getvalue()


def read(file: bytes) -> dict[str, Record]:
    """The documents of a zip by key. Raises BadBundle."""
    if len(file) > LARGEST:
        raise BadBundle("the file is larger than 1 GB")
    found: dict[str, Record] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(file)) as archive:
            for name in archive.namelist():
                key = _key(name)
                found[key] = _document(name, key, archive.read(name))
    except (zipfile.BadZipFile, EOFError) as error:
        raise BadBundle("the file is no zip file of asset bundle format") from error
    if not found:
        raise BadBundle("the file has no assets")
    return found


def _key(path: str) -> str:
    name, _, file = path.partition("/")
    if name not in BY_NAME or not file.endswith(".json") or "/" in file:
        raise BadBundle(f"{path} is no asset")
    identifier = file.removesuffix(".json")
    if name == "refreshSchedule":
        identifier = identifier.replace(_BETWEEN, "/", 1)
    return key_of(BY_NAME[name], identifier)


def _document(path: str, key: str, text: bytes) -> Record:
    try:
        document: Any = json.loads(text)
    except ValueError as error:
        raise BadBundle(f"{path} is no JSON") from error
    if not isinstance(document, dict) or document.get("resourceType") != key.partition("/")[0]:
        raise BadBundle(f"{path}: resourceType does not fit its place")
    if identifier_in(key, document) != key.partition("/")[2]:
        raise BadBundle(f"{path}: the id does not fit its place")
    return document


def identifier_in(key: str, document: Mapping[str, Any]) -> str:
    """The id that a document says it has, in the form of keys."""
    small = {name.lower(): value for name, value in document.items()}
    kind = BY_NAME[key.partition("/")[0]]
    if kind.name != "refreshSchedule":
        return str(small.get(kind.id_member.lower()))
    schedule = {name.lower(): value for name, value in (small.get("schedule") or {}).items()}
    return f"{small.get('datasetid')}/{schedule.get('scheduleid')}"
