"""Two hundred files at once while one AWS call in twenty goes wrong."""

from __future__ import annotations

from typing import Any

from tests.e2e.file_transfer.transfers import SETTLED, Route, Transfers

FILES = 200


def test_200_files_under_faults_all_end_success_exactly_once(transfers: Transfers) -> None:
    # Given faults on 5 % of every call the system makes: refused, throttled, or done with the answer lost
    route = transfers.route(maxRetries=8)
    kinds = (
        ("refused", 0.02, {"type": "error", "code": "InternalError", "status": 500}),
        ("throttled", 0.02, {"type": "throttle"}),
        ("lost", 0.01, {"type": "lost_response"}),
    )
    transfers.cloud.inject(
        [
            {
                "id": name,
                "service": "*",
                "operation": "*",
                "principal": "*assumed-role*",
                "probability": probability,
                "action": action,
            }
            for name, probability, action in kinds
        ],
        seed=20260101,
    )
    files = {f"{route.sftp_folder}/f{number:03}.csv": f"content {number}".encode() for number in range(FILES)}

    # When all of them are put at once, by a client that tries again what the server refuses
    left = files
    while left:
        with transfers.cloud.sftp("tester") as sftp:
            left = {path: left[path] for path in sftp.put_all(left)}

    # Then each is delivered. An upload that the server called failed may have been stored all the same: it is an
    # arrival of its own, rejected, and the one that the client sent after it is delivered.
    names = [path.rsplit("/", 1)[1] for path in files]
    histories: dict[str, list[dict[str, Any]]] = {}

    def all_delivered() -> bool:
        for name in names:
            if "SUCCESS" not in [item["status"] for item in histories.get(name, [])]:
                histories[name] = transfers.queries.history(route.customer, name)
        return all("SUCCESS" in [item["status"] for item in histories[name]] for name in names)

    transfers.eventually(all_delivered, "all files to be delivered", timeout=240)
    assert {entry["rule"] for entry in transfers.cloud.injected()} == {name for name, _, _ in kinds}
    transfers.cloud.clear_faults()

    # exactly once: as many versions at the target as arrivals that were delivered, each with its own bytes
    for name in names:
        arrivals = transfers.eventually(
            lambda name=name: ended(transfers, route, name), f"every arrival of {name} to end"
        )
        delivered = [item for item in arrivals if item["status"] == "SUCCESS"]
        assert {item["status"] for item in arrivals} <= {"SUCCESS", "REJECTED", "SUPERSEDED"}, arrivals
        assert len(transfers.versions(transfers.archive, f"{route.customer}/{name}")) == len(delivered)
        assert transfers.content(transfers.archive, f"{route.customer}/{name}") == files[f"{route.sftp_folder}/{name}"]
    for name in names[::20]:
        for item in transfers.queries.history(route.customer, name):
            transfers.assert_complete(route, name, item)


def ended(transfers: Transfers, route: Route, name: str) -> list[dict[str, Any]] | None:
    """The arrivals of a file once all have ended."""
    arrivals = transfers.queries.history(route.customer, name)
    return arrivals if all(item["status"] in SETTLED for item in arrivals) else None
