"""File names that break systems: they arrive, are recorded and are delivered as they are."""

from __future__ import annotations

import pytest

from tests.e2e.file_transfer.transfers import Transfers

NAMES = {
    "spaces": "two  words and more.csv",
    "plus": "a+b+c.csv",
    "hash": "no #1 #2.csv",
    "percent": "100%25 done %.csv",
    "quotes": 'it\'s "quoted".csv',
    "json": '{"bucket": "x"}.csv',
    "backslash-free-specials": "a&b=c;d@e$f!g~h(i)[j].csv",
    "unicode": "Überweisung_銀行_🏦.csv",
    "leading-dots": "..data..csv",
    "no-extension": "README",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_name_survives_the_whole_way(transfers: Transfers, name: str) -> None:
    route = transfers.route(to=("s3", "sftp"))

    transfers.upload(route, name, name.encode())

    item = transfers.settled(route, name)
    assert (item["status"], item["fileName"]) == ("SUCCESS", name)
    for bucket in (transfers.archive, transfers.partner_bucket):
        assert transfers.content(bucket, f"{route.customer}/{name}") == name.encode()
    transfers.assert_complete(route, name, item)


@pytest.mark.parametrize("character", ["x", "#"], ids=["plain", "hashes"])
def test_a_name_of_1000_characters(transfers: Transfers, character: str) -> None:
    route = transfers.route()
    name = character * 996 + ".csv"

    transfers.upload(route, name, b"long")

    item = transfers.settled(route, name)
    assert (item["status"], item["fileName"]) == ("SUCCESS", name)
    assert transfers.content(transfers.archive, f"{route.customer}/{name}") == b"long"
    transfers.assert_complete(route, name, item)
