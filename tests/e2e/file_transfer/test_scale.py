"""Many files at once while one AWS call in twenty goes wrong and one event in three never comes."""

from __future__ import annotations

import os
import time
from typing import Any

from tests.e2e.faults import fault
from tests.e2e.file_transfer.transfers import SETTLED, Route, Transfers

#: `make test-scale` runs it with 2,000.
FILES = int(os.environ.get("TOWPATH_SCALE_FILES", "200"))
AT_ONCE = 200
SECONDS_A_FILE = 1.5


def test_all_files_end_success_exactly_once_though_calls_fail_and_events_are_lost(transfers: Transfers) -> None:
    # Given faults on 5 % of every call the system makes (refused, throttled, or done with the answer lost), and
    # events of arrivals that are dropped on their way to the queue
    route = transfers.route(maxRetries=8)
    system = "*assumed-role*"
    rules = [
        fault("*", "*", "error", principal=system, probability=0.02, code="InternalError", status=500),
        fault("*", "*", "throttle", principal=system, probability=0.02),
        fault("*", "*", "lost_response", principal=system, probability=0.01),
        fault("events", "Deliver", "drop", principal="*", resource="*file-transfer-queue", probability=0.33),
    ]
    names = ("refused", "throttled", "lost", "dropped")
    transfers.cloud.inject([rule | {"id": name} for name, rule in zip(names, rules, strict=True)], seed=20260101)
    files = {f"{route.sftp_folder}/f{number:04}.csv": f"content {number}".encode() for number in range(FILES)}

    # When all of them are put, by a client that tries again what the server refuses, and the sweep comes by
    put_all(transfers, files)
    deliver_all(transfers, route, [path.rsplit("/", 1)[1] for path in files])
    assert {entry["rule"] for entry in transfers.cloud.injected()} == set(names)
    transfers.cloud.clear_faults()

    # Then each is delivered exactly once: as many versions at the target as arrivals that were delivered, with their
    # own bytes. An upload that the server called failed may have been stored all the same: it is an arrival of its
    # own, rejected, and the one that the client sent after it is delivered.
    written = versions_by_name(transfers, route)
    for path, content in files.items():
        name = path.rsplit("/", 1)[1]
        arrivals = ended_arrivals(transfers, route, name)
        delivered = [item for item in arrivals if item["status"] == "SUCCESS"]
        assert {item["status"] for item in arrivals} <= {"SUCCESS", "REJECTED", "SUPERSEDED"}, arrivals
        assert len(written[name]) == len(delivered), (name, arrivals)
        assert transfers.content(transfers.archive, f"{route.customer}/{name}") == content
    for path in list(files)[:: FILES // 10]:
        name = path.rsplit("/", 1)[1]
        for item in transfers.queries.history(route.customer, name):
            transfers.assert_complete(route, name, item)


def put_all(transfers: Transfers, files: dict[str, bytes]) -> None:
    """Uploads everything over SFTP, some at a time; what is refused is sent again over a new connection."""
    paths = list(files)
    for start in range(0, len(paths), AT_ONCE):
        left = {path: files[path] for path in paths[start : start + AT_ONCE]}
        while left:
            with transfers.cloud.sftp("tester") as sftp:
                left = {path: left[path] for path in sftp.put_all(left)}


def deliver_all(transfers: Transfers, route: Route, names: list[str]) -> None:
    """Waits until each file has a delivered arrival; meanwhile the sweep runs, as its schedule has it."""
    deadline = time.monotonic() + max(240.0, FILES * SECONDS_A_FILE)
    left = set(names)
    while left:
        assert time.monotonic() < deadline, f"{len(left)} files are not delivered: {sorted(left)[:5]}"
        sweep(transfers)
        for name in sorted(left):
            if "SUCCESS" in [item["status"] for item in transfers.queries.history(route.customer, name)]:
                left.discard(name)
        time.sleep(1)


def sweep(transfers: Transfers) -> None:
    """One run; the calls of the sweep fail like any other, and then the next run makes up for it."""
    try:
        transfers.cloud.tick(transfers.system["function_names"]["sweep-arrivals"])
    except RuntimeError as error:
        assert "sweep-arrivals failed" in str(error)


def ended_arrivals(transfers: Transfers, route: Route, name: str) -> list[dict[str, Any]]:
    """The arrivals of a file once all have ended."""

    def all_ended() -> list[dict[str, Any]] | None:
        arrivals = transfers.queries.history(route.customer, name)
        if all(item["status"] in SETTLED for item in arrivals):
            return arrivals
        sweep(transfers)
        return None

    arrivals: list[dict[str, Any]] = transfers.eventually(all_ended, f"every arrival of {name} to end")
    return arrivals


def versions_by_name(transfers: Transfers, route: Route) -> dict[str, list[dict[str, Any]]]:
    """All that was ever written to the target, by file name."""
    found: dict[str, list[dict[str, Any]]] = {}
    for version in transfers.versions(transfers.archive, f"{route.customer}/"):
        found.setdefault(version["Key"].rsplit("/", 1)[1], []).append(version)
    return found
