"""What has become of a window, given the files that came and the time. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from file_transfer.expectations.arrivals import File
from file_transfer.expectations.store import EXCEEDED, INCIDENTS, LATE, MET, MET_LATE, MISSED, OPEN
from shared.canonical import sha256_hex
from shared.clock import parse, stamp

#: Windows that files may still change.
UNDECIDED = (OPEN, LATE)
NAMED_FILES = 20
ID_DIGITS = 16

Item = dict[str, Any]
Matches = Callable[[str, str], bool]


def judge(item: Mapping[str, Any], files: Iterable[File], now: datetime, grace: timedelta, matches: Matches) -> Item:
    """The window as it is now; the same item if nothing changed. `grace`: how long records may trail what happened."""
    criteria = item["criteria"]
    pattern = criteria.get("namePattern", "")
    mine = [
        file
        for file in files
        if file.customer_id == item["customerId"] and (not pattern or matches(pattern, file.name))
    ]
    fitting = sorted((file for file in mine if _fits(file, criteria)), key=lambda file: file.at)
    in_time = [file for file in fitting if file.at <= item["dueAt"]]
    before_the_end = [file for file in fitting if file.at <= item["missedAt"]]
    found = {
        "count": len(before_the_end),
        "bytes": sum(file.size for file in before_the_end),
        "unfit": len(mine) - len(fitting),
        "files": [file.name for file in before_the_end[:NAMED_FILES]],
    }
    status = _status(item, len(in_time), len(before_the_end), now, grace)
    if status == item["status"] and found == item["found"]:
        return dict(item)
    changed = {**item, "found": found, "status": status, "revision": item["revision"] + 1}
    if status != item["status"]:
        changed["timestamp"] = stamp(now)
    if status != item["status"] and status in INCIDENTS:
        changed["announce"] = status
    return changed


def _status(item: Mapping[str, Any], in_time: int, before_the_end: int, now: datetime, grace: timedelta) -> str:
    least, most = item["criteria"]["minCount"], item["criteria"].get("maxCount")
    if most is not None and before_the_end > most:
        return EXCEEDED
    is_due = now >= parse(item["dueAt"]) + grace
    if item["status"] == OPEN and in_time >= least and (most is None or is_due):
        return MET
    if item["status"] == OPEN and not is_due:
        return OPEN
    if before_the_end >= least:
        return MET_LATE
    return MISSED if now >= parse(item["missedAt"]) + grace else LATE


def _fits(file: File, criteria: Mapping[str, Any]) -> bool:
    return bool(criteria.get("minBytes", 0) <= file.size <= criteria.get("maxBytes", file.size))


def incident_payload(item: Mapping[str, Any]) -> Item:
    """The notification of a window's incident; schemas/incident-payload.schema.json. The same window: the same."""
    status = item["announce"]
    window_id = sha256_hex(f"{item['PK']}\0{item['SK']}")[:ID_DIGITS]
    return {
        "kind": "towpath.incident",
        "notificationId": f"{window_id}-{status}",
        "status": status,
        "text": text_of(item, status),
        "workflowId": item["workflowId"],
        "customerId": item["customerId"],
        "expectationId": item["expectationId"],
        "startAt": item["startAt"],
        "dueAt": item["dueAt"],
        "missedAt": item["missedAt"],
        "criteria": item["criteria"],
        "found": item["found"],
        "timestamp": item["timestamp"],
    }


def text_of(item: Mapping[str, Any], status: str) -> str:
    """One line for people."""
    criteria, found = item["criteria"], item["found"]
    most = criteria.get("maxCount")
    wanted = f"{criteria['minCount']}" + (f" to {most}" if most is not None else "")
    due = parse(item["dueAt"])
    what = f"expectation {item['expectationId']} of workflow {item['workflowId']}, customer {item['customerId']}"
    unfit = f", {found['unfit']} more of a size that does not count" if found["unfit"] else ""
    tally = f"{found['count']} of {wanted} files, due {due:%Y-%m-%d %H:%M} UTC{unfit}"
    said = {
        LATE: f"⚠️ Late: {what}: {tally}.",
        MISSED: f"❌ Missed: {what}: {tally}.",
        MET_LATE: f"✅ Came late: {what}: {tally}.",
        EXCEEDED: f"⚠️ Too many: {what}: {tally}.",
    }
    return said[status]
