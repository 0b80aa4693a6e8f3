"""Files fetched from a partner's own server: once, whole, and taken away afterwards; whatever breaks on the way."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.e2e.faults import fault, killed
from tests.e2e.file_transfer.partners import CONTENT, EVENT_QUEUE, LOST_START, NO_EVENTS, Partners
from tests.e2e.file_transfer.transfers import Transfers


@pytest.fixture
def partners(transfers: Transfers) -> Partners:
    return Partners(transfers)


@pytest.mark.parametrize("afterwards", ["KEEP", "MOVE", "DELETE"])
def test_a_file_of_the_partner_is_fetched_and_taken_away(partners: Partners, afterwards: str) -> None:
    more = {"moveTo": "/done"} if afterwards == "MOVE" else {}
    partners.partner.make("done")
    route, folder = partners.pull(afterwards=afterwards, **more)
    name = f"{route.customer}.csv"
    partners.partner.put(f"{folder}/{name}", CONTENT)
    partners.list_now(route)
    partners.landed(route, name)
    # When it is listed again after it has landed
    partners.nothing_pending()
    partners.list_now(route)
    # Then
    if afterwards == "KEEP":
        assert partners.partner.exists(f"{folder}/{name}")
    else:
        gone = lambda: not partners.partner.exists(f"{folder}/{name}")  # noqa: E731
        partners.transfers.eventually(gone, "the file to be taken away")
        assert partners.partner.exists(f"done/{name}") is (afterwards == "MOVE")
    partners.landed(route, name)


def test_a_file_that_is_still_written_is_left(partners: Partners) -> None:
    route, folder = partners.pull(settleSeconds=2, namePattern=r"\.csv$")
    partners.partner.put(f"{folder}/growing.csv", b"a,b\n")
    partners.partner.put(f"{folder}/readme.txt", b"no")
    partners.list_now(route)
    partners.partner.put(f"{folder}/growing.csv", CONTENT)

    def again() -> Any:
        partners.list_now(route)
        return partners.transfers.queries.latest_status(route.customer, "growing.csv")

    partners.transfers.eventually(again, "the file to settle")
    partners.landed(route, "growing.csv")
    assert partners.transfers.versions(partners.transfers.landing, f"{route.prefix}readme") == []


BROKEN_FETCH = fault("transfer", "RetrieveFile", "error", nth=[1], code="CONNECTION_ERROR", after_bytes=3)
FETCH_FAULTS: dict[str, list[dict[str, Any]]] = {
    "the answer to the start is lost": [LOST_START],
    "the listing's event is lost": [fault("events", "Deliver", "drop", resource=EVENT_QUEUE, nth=[1])],
    "every event comes twice": [fault("events", "Deliver", "duplicate", resource=EVENT_QUEUE)],
    "the connection breaks": [BROKEN_FETCH],
    "the connector takes no more": [fault("transfer", "StartFileTransfer", "throttle", nth=[1])],
    "the function dies": [killed("file-transfer-connector-events", 150, nth=[1])],
}


@pytest.mark.parametrize("what", FETCH_FAULTS)
def test_a_fetch_lands_once_though(partners: Partners, what: str) -> None:
    route, folder = partners.pull()
    partners.partner.put(f"{folder}/a.csv", CONTENT)
    partners.cloud.inject(FETCH_FAULTS[what])
    # When it is listed now, and again as the schedule would, only sooner
    partners.list_now(route)

    def arrived() -> Any:
        if not (found := partners.transfers.queries.latest_status(route.customer, "a.csv")):
            time.sleep(1)
            partners.list_now(route)
        return found

    partners.transfers.eventually(arrived, "the file to land")
    # Then
    partners.landed(route, "a.csv")
    assert len({each["rule"] for each in partners.cloud.injected()}) == len(FETCH_FAULTS[what])
    partners.nothing_pending()


@pytest.mark.parametrize("rules", [[], [LOST_START]], ids=["the answer came", "no answer came"])
def test_a_fetch_that_nobody_tells_of_lands(partners: Partners, rules: list[dict[str, Any]]) -> None:
    route, folder = partners.pull()
    partners.partner.put(f"{folder}/a.csv", CONTENT)
    partners.cloud.inject([fault("transfer", "RetrieveFile", "latency", ms=1000), *rules])
    partners.list_now(route)
    partners.transfers.eventually(lambda: partners.calls("StartFileTransfer"), "the fetch to begin")
    # When its event is lost
    partners.cloud.inject([NO_EVENTS])
    partners.transfers.eventually(lambda: partners.look() > 0, "the schedule to find out")
    # Then
    partners.cloud.clear_faults()
    partners.landed(route, "a.csv")
    assert len(partners.calls("StartFileTransfer")) == 1
    partners.nothing_pending()
