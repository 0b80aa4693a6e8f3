"""What connectors are asked for: transfers, listings, moves, deletions, and how transfers went.

Limits are those of the user guide, "Quotas for SFTP connectors"; the error beyond the queue's size is not documented.
"""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Iterable

from ministack.core.responses import AccountRegionScopedDict

from local_cloud.aws_models.errors import ApiError
from local_cloud.connectors import remote
from local_cloud.connectors.failures import WorkFailed
from local_cloud.connectors.records import Record, find, invalid, missing
from local_cloud.connectors.tasks import Delete, ListDirectory, Move, Retrieve, Send
from local_cloud.connectors.work import Lane, Work
from local_cloud.sftp.paths import Location, split

MOST_PENDING = 1000
_MOST_LISTED = 200_000
_LISTED = 1000
_lock = threading.Lock()
_lanes = AccountRegionScopedDict()
TRANSFERS = AccountRegionScopedDict()
"""Connector id and transfer id → the works of the transfer, in the order of the request."""


def forget() -> None:
    """Forgets all transfers; what is under way ends."""
    _lanes.clear()
    TRANSFERS.clear()


def start_transfer(data: Record, _principal: str) -> Record:
    """StartFileTransfer: one work for each path. Raises ApiError."""
    connector = find(data)
    sends, retrieves = data.get("SendFilePaths", []), data.get("RetrieveFilePaths", [])
    if bool(sends) == bool(retrieves):
        raise invalid("give either SendFilePaths or RetrieveFilePaths")
    if retrieves and "LocalDirectoryPath" not in data:
        raise invalid("RetrieveFilePaths need LocalDirectoryPath")
    transfer_id = str(uuid.uuid4())
    if sends:
        works = [_send(connector, transfer_id, path, data.get("RemoteDirectoryPath", "")) for path in sends]
    else:
        works = [_retrieve(connector, transfer_id, path, data["LocalDirectoryPath"]) for path in retrieves]
    with _lock:
        _refuse_too_many(connector["ConnectorId"], len(works))
        TRANSFERS[f"{connector['ConnectorId']}/{transfer_id}"] = works
    _take_on(connector, works)
    return {"TransferId": transfer_id}


def _refuse_too_many(connector_id: str, more: int) -> None:
    pending = sum(
        not work.is_over for key, works in TRANSFERS.items() if key.startswith(f"{connector_id}/") for work in works
    )
    if pending + more > MOST_PENDING:
        raise ApiError("ThrottlingException", f"The connector has {pending} pending file transfers")


def _take_on(connector: Record, works: Iterable[Work]) -> None:
    with _lock:
        lane = _lanes.get(connector["ConnectorId"])
        if lane is None:
            lane = Lane(lambda: int(connector["SftpConfig"]["MaxConcurrentConnections"]))
            _lanes[connector["ConnectorId"]] = lane
    for work in works:
        lane.add(work)


def _object(path: str) -> Location:
    found = split(f"/{path.lstrip('/')}")
    if not (found.bucket and found.key):
        raise invalid(f"{path} names no object: give /bucket/key")
    return found


def _below(directory: str, name: str) -> Location:
    return _object(f"{directory.rstrip('/')}/{name}")


def _file(operation: str, transfer_id: str, path: str, at: Location) -> Record:
    return {
        "operation": operation,
        "transfer-id": transfer_id,
        "file-transfer-id": f"{transfer_id}/{uuid.uuid4()}",
        "file-path": path,
        "bytes": 0,
        "local-file-location": {"domain": "S3", "bucket": at.bucket, "key": at.key},
    }


def _send(connector: Record, transfer_id: str, path: str, directory: str) -> Work:
    source = _object(path)
    detail = {**_file("SEND", transfer_id, path, source), "remote-directory-path": directory}
    return Work(Send(connector, source, directory), "SendFile", path, "File Send", detail)


def _retrieve(connector: Record, transfer_id: str, path: str, directory: str) -> Work:
    target = _below(directory, path.rpartition("/")[2])
    detail = {**_file("RETRIEVE", transfer_id, path, target), "local-directory-path": directory}
    return Work(Retrieve(connector, path, target), "RetrieveFile", path, "File Retrieve", detail)


def results(data: Record, _principal: str) -> Record:
    """ListFileTransferResults; the token is the number of results before the page."""
    connector = find(data)
    works: list[Work] | None = TRANSFERS.get(f"{connector['ConnectorId']}/{data['TransferId']}")
    if works is None:
        raise missing(f"transfer: {data['TransferId']}")
    given = int(data.get("NextToken", "0"))
    end = given + data.get("MaxResults", len(works))
    answer: Record = {"FileTransferResults": [_result(work) for work in works[given:end]]}
    return answer | ({"NextToken": str(end)} if end < len(works) else {})


def _result(work: Work) -> Record:
    result = {"FilePath": work.path, "StatusCode": work.status}
    if work.failure:
        result |= {"FailureCode": work.failure.code, "FailureMessage": work.failure.message}
    return result


def start_listing(data: Record, _principal: str) -> Record:
    """StartDirectoryListing."""
    connector, most = find(data), data.get("MaxItems", _LISTED)
    if most > _MOST_LISTED:
        raise invalid(f"MaxItems must be at most {_MOST_LISTED}")
    listing_id, directory = str(uuid.uuid4()), data["RemoteDirectoryPath"]
    name = f"{connector['ConnectorId']}-{listing_id}.json"
    output = _below(data["OutputDirectoryPath"], name)
    detail = {
        "listing-id": listing_id,
        "max-items": most,
        "remote-directory-path": directory,
        "output-directory-path": data["OutputDirectoryPath"],
        "output-file-location": {"domain": "S3", "bucket": output.bucket, "key": output.key},
    }
    task = ListDirectory(connector, directory, most, output)
    _take_on(connector, [Work(task, "ListDirectory", directory, "Directory Listing", detail)])
    return {"ListingId": listing_id, "OutputFileName": name}


def start_move(data: Record, _principal: str) -> Record:
    """StartRemoteMove."""
    connector, move_id = find(data), str(uuid.uuid4())
    source, target = data["SourcePath"], data["TargetPath"]
    detail = {"operation": "MOVE", "move-id": move_id, "move-source-path": source, "move-target-path": target}
    _take_on(connector, [Work(Move(connector, source, target), "MoveRemote", source, "Remote Move", detail)])
    return {"MoveId": move_id}


def start_delete(data: Record, _principal: str) -> Record:
    """StartRemoteDelete."""
    connector, delete_id, path = find(data), str(uuid.uuid4()), data["DeletePath"]
    detail = {"operation": "DELETE", "delete-id": delete_id, "delete-path": path}
    _take_on(connector, [Work(Delete(connector, path), "DeleteRemote", path, "Remote Delete", detail)])
    return {"DeleteId": delete_id}


def test_connection(data: Record, _principal: str) -> Record:
    """TestConnection: logs in and out again."""
    connector = find(data)
    status, message, key = asyncio.run(_tested(connector))
    details = {"SftpConnectionDetails": {"HostKey": key}} if key else {}
    return {"ConnectorId": connector["ConnectorId"], "Status": status, "StatusMessage": message, **details}


async def _tested(connector: Record) -> tuple[str, str, str]:
    key = ""
    try:
        known = remote.login(connector)
        key = await remote.host_key(known)
        async with remote.connected(known):
            return "OK", "Connection succeeded", key
    except WorkFailed as failed:
        return "ERROR", failed.message, key
