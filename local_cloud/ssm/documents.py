"""Documents of the type Automation: made, changed by version, described, removed."""

from __future__ import annotations

import hashlib
import time
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, get_account_id

from local_cloud.aws_models.errors import ApiError
from local_cloud.ssm import runbook

Values = dict[str, Any]
_LARGEST = 64 * 1024  # "MaxDocumentSizeExceeded: The size limit of a document is 64 KB."
STORE: Any = AccountRegionScopedDict()


def create(request: Values, _principal: str) -> Values:
    """CreateDocument."""
    name = request["Name"]
    if name in STORE:
        raise ApiError("DocumentAlreadyExists", f"Document {name} already exists")
    if request.get("DocumentType") != "Automation":
        raise ApiError("InvalidDocumentContent", "Only documents of the type Automation are simulated.")
    _check(request)
    STORE[name] = {
        "Name": name,
        "Created": time.time(),
        "Default": "1",
        "Versions": {"1": request["Content"]},
        "Tags": request.get("Tags", []),
        "TargetType": request.get("TargetType"),
    }
    return {"DocumentDescription": _description(STORE[name], "1")}


def update(request: Values, _principal: str) -> Values:
    """UpdateDocument: a new version, which is not yet the default one."""
    document = find(request["Name"])
    _check(request)
    if request["Content"] in document["Versions"].values():
        raise ApiError("DuplicateDocumentContent", "The content of the document matches another version of it.")
    version = str(max(map(int, document["Versions"])) + 1)
    document["Versions"][version] = request["Content"]
    document["TargetType"] = request.get("TargetType", document["TargetType"])
    return {"DocumentDescription": _description(document, version)}


def update_default(request: Values, _principal: str) -> Values:
    """UpdateDocumentDefaultVersion."""
    document = find(request["Name"])
    document["Default"] = version_of(document, request["DocumentVersion"])
    return {"Description": {"Name": document["Name"], "DefaultVersion": document["Default"]}}


def describe(request: Values, _principal: str) -> Values:
    """DescribeDocument."""
    document = find(request["Name"])
    return {"Document": _description(document, version_of(document, request.get("DocumentVersion")))}


def get(request: Values, _principal: str) -> Values:
    """GetDocument."""
    document = find(request["Name"])
    version = version_of(document, request.get("DocumentVersion"))
    return {
        "Name": document["Name"],
        "Content": document["Versions"][version],
        "CreatedDate": datetime.fromtimestamp(document["Created"], UTC),
        "DocumentVersion": version,
        "DocumentType": "Automation",
        "DocumentFormat": "JSON",
        "Status": "Active",
    }


def delete(request: Values, _principal: str) -> Values:
    """DeleteDocument, with all its versions."""
    del STORE[find(request["Name"])["Name"]]
    return {}


def permission(request: Values, _principal: str) -> Values:
    """DescribeDocumentPermission: documents are shared with nobody."""
    find(request["Name"])
    return {"AccountIds": [], "AccountSharingInfoList": []}


def add_tags(request: Values, _principal: str) -> Values:
    """AddTagsToResource."""
    document = find(request["ResourceId"])
    new = {tag["Key"]: tag for tag in request["Tags"]}
    document["Tags"] = [tag for tag in document["Tags"] if tag["Key"] not in new] + list(new.values())
    return {}


def remove_tags(request: Values, _principal: str) -> Values:
    """RemoveTagsFromResource."""
    document = find(request["ResourceId"])
    document["Tags"] = [tag for tag in document["Tags"] if tag["Key"] not in request["TagKeys"]]
    return {}


def list_tags(request: Values, _principal: str) -> Values:
    """ListTagsForResource."""
    return {"TagList": find(request["ResourceId"])["Tags"]}


def find(name: str) -> Values:
    """The document of that name or ARN. Raises ApiError InvalidDocument."""
    found: Values | None = STORE.get(name.rsplit("/", 1)[-1])
    if found is None:
        raise ApiError("InvalidDocument", f"Document with name {name} does not exist.")
    return found


def version_of(document: Values, wanted: str | None) -> str:
    """The number behind `$DEFAULT`, `$LATEST`, a number or nothing. Raises ApiError InvalidDocumentVersion."""
    version = {None: document["Default"], "$DEFAULT": document["Default"]}.get(wanted, wanted)
    if version == "$LATEST":
        return str(max(map(int, document["Versions"])))
    if version not in document["Versions"]:
        raise ApiError("InvalidDocumentVersion", f"Document {document['Name']} has no version {wanted}.")
    return str(version)


def _check(request: Values) -> None:
    if request.get("DocumentFormat", "JSON") != "JSON":
        raise ApiError("InvalidDocumentContent", "Only documents in JSON are simulated.")
    if len(request["Content"].encode()) > _LARGEST:
        raise ApiError("MaxDocumentSizeExceeded", "The size limit of a document is 64 KB.")
    runbook.parse(request["Content"])


def _description(document: Values, version: str) -> Values:
    content = document["Versions"][version]
    parsed = runbook.parse(content)
    described = {
        "Name": document["Name"],
        "Hash": hashlib.sha256(content.encode()).hexdigest(),
        "HashType": "Sha256",
        "Owner": get_account_id(),
        "CreatedDate": datetime.fromtimestamp(document["Created"], UTC),
        "Status": "Active",
        "DocumentVersion": version,
        "Parameters": [_parameter(name, declared) for name, declared in parsed.parameters.items()],
        "PlatformTypes": ["Windows", "Linux", "MacOS"],
        "DocumentType": "Automation",
        "SchemaVersion": "0.3",
        "LatestVersion": str(max(map(int, document["Versions"]))),
        "DefaultVersion": document["Default"],
        "DocumentFormat": "JSON",
        "Tags": document["Tags"],
    }
    optional = {"Description": parsed.description, "TargetType": document["TargetType"]}
    return {**described, **{name: value for name, value in optional.items() if value}}


def _parameter(name: str, declared: Values) -> Values:
    kind = "StringList" if declared.get("type") == "StringList" else "String"
    found = {"Name": name, "Type": kind, "Description": declared.get("description", "")}
    return {**found, "DefaultValue": str(declared["default"])} if "default" in declared else found
