"""Two hundred files at once while one AWS call in twenty goes wrong."""

from __future__ import annotations

from tests.e2e.transfers import Transfers

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

    # Then each ends SUCCESS and each target has its bytes once
    def all_done() -> bool:
        today = transfers.queries.latest_status(route.customer, "f000.csv")
        if not today:
            return False
        rows = transfers.queries.files_of_customer(route.customer, today["SK"][3:13])
        return sum(row["status"] == "SUCCESS" for row in rows) >= FILES

    transfers.eventually(all_done, "all files to be delivered", timeout=240)
    assert {entry["rule"] for entry in transfers.cloud.injected()} == {name for name, _, _ in kinds}
    transfers.cloud.clear_faults()
    for number in range(FILES):
        item = transfers.settled(route, f"f{number:03}.csv")
        assert item["status"] == "SUCCESS", item
    versions = transfers.versions(transfers.archive, f"{route.customer}/")
    arrivals = sum(len(transfers.queries.history(route.customer, f"f{number:03}.csv")) for number in range(FILES))
    assert len({version["Key"] for version in versions}) == FILES
    assert len(versions) <= arrivals  # an upload that the client sent again is an arrival of its own
    for number in range(0, FILES, 20):
        name = f"f{number:03}.csv"
        transfers.assert_complete(route, name, transfers.settled(route, name))
